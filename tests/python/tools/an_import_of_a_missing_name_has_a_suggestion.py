from collections import Countr

# ---
# code: RUNTIME_ERROR
# line: 1
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 1, in <module>
#       from collections import Countr
#   ImportError: cannot import name 'Countr' from 'collections' (unknown location). Did you mean: 'Counter'?
