x = 1
toy.add(1, c=2)

# ---
# code: RUNTIME_ERROR
# line: 2
# message: TypeError: add() got an unexpected keyword argument 'c'
