toy.add(b=2)

# ---
# code: RUNTIME_ERROR
# line: 1
# message: TypeError: add() missing 1 required positional argument: 'a'
# hint: add(a
