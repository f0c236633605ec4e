names = ["Ann", "Bob"]
message = "there are " + len(names) + " names"

# ---
# code: RUNTIME_ERROR
# line: 2
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       message = "there are " + len(names) + " names"
#                 ~~~~~~~~~~~~~^~~~~~~~~~~~
#   TypeError: can only concatenate str (not "int") to str
