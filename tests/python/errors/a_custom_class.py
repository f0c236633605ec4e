class TooLarge(ValueError):
    def __init__(self, size):
        super().__init__(f"{size} is too large")


raise TooLarge(5)

# ---
# code: RUNTIME_ERROR
# line: 6
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 6, in <module>
#       raise TooLarge(5)
#   TooLarge: 5 is too large
