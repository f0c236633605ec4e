def f():
    global open
    open = print
def g():
    open('x')
# ---
# ok
