globals(), locals(), vars(), dir(), help, getattr(x, 'y'), type, id, memoryview
# ---
# ok
