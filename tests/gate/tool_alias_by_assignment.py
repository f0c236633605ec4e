fs = filesystem
fs.nothing()
# ---
# ok
