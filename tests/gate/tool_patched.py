filesystem.nothing = print
filesystem.nothing()
setattr(memory, 'x', print)
memory.x()
# ---
# ok
