def down(n):
    return down(n + 1)

down(0)
# ---
# flags: --timeout 10
# code: RUNTIME_ERROR
# line: 2
# message: RecursionError
