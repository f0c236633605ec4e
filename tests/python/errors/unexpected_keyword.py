def send(to):
    pass


send(to="a", subject="b")

# ---
# code: RUNTIME_ERROR
# line: 5
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 5, in <module>
#       send(to="a", subject="b")
#       ~~~~^^^^^^^^^^^^^^^^^^^^^
#   TypeError: send() got an unexpected keyword argument 'subject'
