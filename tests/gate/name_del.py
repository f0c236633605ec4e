open = 1
del open
open('a')
# ---
# ok
