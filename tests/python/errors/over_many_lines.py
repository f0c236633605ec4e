result = max(
    len("abc"),
    int("12a"),
    3,
)

# ---
# code: RUNTIME_ERROR
# line: 3
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 3, in <module>
#       int("12a"),
#       ~~~^^^^^^^
#   ValueError: invalid literal for int() with base 10: '12a'
