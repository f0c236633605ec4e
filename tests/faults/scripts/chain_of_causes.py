error = None
for _ in range(1_000_000):
    outer = ValueError()
    outer.__cause__ = error
    error = outer
raise error
# ---
# flags: --timeout 10 --memory 1024
# code: CRASHED TIMEOUT
