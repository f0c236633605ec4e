def f():
    return f()
f()

# ---
# code: RUNTIME_ERROR
# line: 2
# message: RecursionError
