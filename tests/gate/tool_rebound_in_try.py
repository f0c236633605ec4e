try:
    from tools import filesystem
except ImportError:
    filesystem = None
filesystem.nothing()
# ---
# ok
