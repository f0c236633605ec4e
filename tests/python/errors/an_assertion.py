items = [1, 2]
assert len(items) == 3, f"expected 3 items, got {len(items)}"

# ---
# code: RUNTIME_ERROR
# line: 2
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       assert len(items) == 3, f"expected 3 items, got {len(items)}"
#              ^^^^^^^^^^^^^^^
#   AssertionError: expected 3 items, got 2
