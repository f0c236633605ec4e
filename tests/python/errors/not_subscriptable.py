value = None
value["key"]

# ---
# code: RUNTIME_ERROR
# line: 2
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       value["key"]
#       ~~~~~^^^^^^^
#   TypeError: 'NoneType' object is not subscriptable
