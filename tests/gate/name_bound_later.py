def f():
    return open('x')
open = print
# ---
# ok
