from math import *
memory.nothing()
# ---
# ok
