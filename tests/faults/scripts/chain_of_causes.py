error = None
for _ in range(1_000_000):
    outer = ValueError()
    outer.__cause__ = error
    error = outer
raise error
# ---
# flags: --timeout 60 --memory 1024
# code: RUNTIME_ERROR
# line: 6
# message: ValueError
