d = {"a": 1}
for key in d:
    d[key + "x"] = 1

# ---
# code: RUNTIME_ERROR
# line: 2
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       for key in d:
#                  ^
#   RuntimeError: dictionary changed size during iteration
