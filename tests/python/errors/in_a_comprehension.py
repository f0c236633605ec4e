data = [{"n": 1}, {"m": 2}]
print([row["n"] for row in data])

# ---
# code: RUNTIME_ERROR
# line: 2
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       print([row["n"] for row in data])
#              ~~~^^^^^
#   KeyError: 'n'
