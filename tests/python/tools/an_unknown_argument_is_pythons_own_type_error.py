arguments = {"c": 2}
toy.add(1, **arguments)

# ---
# code: RUNTIME_ERROR
# line: 2
# message: TypeError: add() got an unexpected keyword argument 'c'
