def f():
    input = 1
    def g():
        return [input for _ in range(2)]
    return g
# ---
# ok
