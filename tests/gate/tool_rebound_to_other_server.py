from tools import memory as filesystem
filesystem.read_graph()
filesystem.read_text_file()
# ---
# ok
