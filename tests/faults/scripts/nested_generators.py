inner = None
for _ in range(300_000):
    def outer(inner=inner):
        yield inner
    inner = outer()
    next(inner)
inner = outer = None
# ---
# flags: --timeout 60 --memory 1024
# code: CRASHED none
