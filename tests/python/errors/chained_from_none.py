try:
    int("x")
except ValueError:
    raise RuntimeError("clean") from None

# ---
# code: RUNTIME_ERROR
# line: 4
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 4, in <module>
#       raise RuntimeError("clean") from None
#   RuntimeError: clean
