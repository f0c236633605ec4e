try:
    int("x")
except ValueError:
    [][0]

# ---
# code: RUNTIME_ERROR
# line: 4
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       int("x")
#       ~~~^^^^^
#   ValueError: invalid literal for int() with base 10: 'x'
#
#   During handling of the above exception, another exception occurred:
#
#   Traceback (most recent call last):
#     File "<script 1>", line 4, in <module>
#       [][0]
#       ~~^^^
#   IndexError: list index out of range
