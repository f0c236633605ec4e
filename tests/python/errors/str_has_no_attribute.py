"text".push("x")

# ---
# code: RUNTIME_ERROR
# line: 1
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 1, in <module>
#       "text".push("x")
#       ^^^^^^^^^^^
#   AttributeError: 'str' object has no attribute 'push'
