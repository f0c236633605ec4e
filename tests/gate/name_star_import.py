from re import *
compile('a')
# ---
# ok
