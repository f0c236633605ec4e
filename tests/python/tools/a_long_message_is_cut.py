raise ValueError("x" * 100000)

# ---
# code: RUNTIME_ERROR
# line: 1
# message: xxx …
