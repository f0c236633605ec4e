def f(open, *input, **eval):
    return open(input, eval)
g = lambda compile: compile(1)
# ---
# ok
