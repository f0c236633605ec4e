def send(to):
    pass


send("a", "b")

# ---
# code: RUNTIME_ERROR
# line: 5
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 5, in <module>
#       send("a", "b")
#       ~~~~^^^^^^^^^^
#   TypeError: send() takes 1 positional argument but 2 were given
