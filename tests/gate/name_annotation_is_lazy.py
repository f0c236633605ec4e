def f(x: open) -> input:
    y: eval = 1
    return x
# ---
# ok
