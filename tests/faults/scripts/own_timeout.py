raise TimeoutError("of its own")
# ---
# code: RUNTIME_ERROR
# line: 1
