items = ["3", "x"]
print(sorted(items, key=lambda item: int(item)))

# ---
# code: RUNTIME_ERROR
# line: 2
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       print(sorted(items, key=lambda item: int(item)))
#             ~~~~~~^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#     File "<script 1>", line 2, in <lambda>
#       print(sorted(items, key=lambda item: int(item)))
#                                            ~~~^^^^^^
#   ValueError: invalid literal for int() with base 10: 'x'
