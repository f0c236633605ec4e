list(zip([1, 2], [1], strict=True))

# ---
# code: RUNTIME_ERROR
# line: 1
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 1, in <module>
#       list(zip([1, 2], [1], strict=True))
#       ~~~~^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#   ValueError: zip() argument 2 is shorter than argument 1
