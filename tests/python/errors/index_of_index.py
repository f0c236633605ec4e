table = [[1, 2], [3]]
print(table[1][0] + table[1][1])

# ---
# code: RUNTIME_ERROR
# line: 2
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       print(table[1][0] + table[1][1])
#                           ~~~~~~~~^^^
#   IndexError: list index out of range
