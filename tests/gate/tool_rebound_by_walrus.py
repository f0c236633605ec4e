print(memory := {})
memory.nothing()
# ---
# ok
