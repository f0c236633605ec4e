def down(n):
    if n == 0:
        raise ValueError("bottom")
    down(n - 1)


down(10)

# ---
# code: RUNTIME_ERROR
# line: 3
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 7, in <module>
#       down(10)
#       ~~~~^^^^
#     File "<script 1>", line 4, in down
#       down(n - 1)
#       ~~~~^^^^^^^
#     File "<script 1>", line 4, in down
#       down(n - 1)
#       ~~~~^^^^^^^
#     File "<script 1>", line 4, in down
#       down(n - 1)
#       ~~~~^^^^^^^
#     [Previous line repeated 7 more times]
#     File "<script 1>", line 3, in down
#       raise ValueError("bottom")
#   ValueError: bottom
