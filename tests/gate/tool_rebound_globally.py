def f():
    global memory
    memory = {}
memory.nothing()
# ---
# ok
