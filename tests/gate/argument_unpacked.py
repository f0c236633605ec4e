filesystem.write_file(**x)
filesystem.write_file(*x)
filesystem.write_file('a', *x)
filesystem.read_text_file(pth=1, **x)
# ---
# ok
