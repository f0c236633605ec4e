filesystem.read_text_file('a')
filesystem.read_text_file('a', 3)
filesystem.write_file('a', content='b')
# ---
# ok
