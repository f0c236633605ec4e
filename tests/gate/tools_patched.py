tools.extra = print
tools.extra.x()
tools.memory.nothing()
# ---
# ok
