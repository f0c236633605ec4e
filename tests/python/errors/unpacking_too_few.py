a, b, c = [1, 2]

# ---
# code: RUNTIME_ERROR
# line: 1
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 1, in <module>
#       a, b, c = [1, 2]
#       ^^^^^^^
#   ValueError: not enough values to unpack (expected 3, got 2)
