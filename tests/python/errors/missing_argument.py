def send(to, subject, *, body):
    pass


send("a")

# ---
# code: RUNTIME_ERROR
# line: 5
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 5, in <module>
#       send("a")
#       ~~~~^^^^^
#   TypeError: send() missing 1 required positional argument: 'subject'
