values = {"a": 1, "b": 2, "c": 3}
toy.add(**values)

# ---
# code: RUNTIME_ERROR
# line: 2
# hint: the signature is `add(a: int, b: int = 1) -> Any`
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       toy.add(**values)
#       ~~~~~~~^^^^^^^^^^
#   TypeError: add() got an unexpected keyword argument 'c'
