# needs Python 3.12
from itertools import batched

print(list(batched("abcdefg", 3)))

# ---
# stdout:
#   [('a', 'b', 'c'), ('d', 'e', 'f'), ('g',)]
