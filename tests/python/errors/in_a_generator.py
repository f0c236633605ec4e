def rows():
    yield 1
    yield 1 / 0


for row in rows():
    print(row)

# ---
# stdout:
#   1
# code: RUNTIME_ERROR
# line: 3
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 6, in <module>
#       for row in rows():
#                  ~~~~^^
#     File "<script 1>", line 3, in rows
#       yield 1 / 0
#             ~~^~~
#   ZeroDivisionError: division by zero
