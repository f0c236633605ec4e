def f():
    open = None
    def g():
        nonlocal open
        open = print
    g()
    return open('x')
# ---
# ok
