arguments = {"b": 2}
toy.add(**arguments)

# ---
# code: RUNTIME_ERROR
# line: 2
# message: TypeError: add() missing 1 required positional argument: 'a'
# hint: add(a
