if x:
    filesystem = object()
filesystem.nothing()
# ---
# ok
