def check(values):
    for at, value in enumerate(values):
        if value < 0:
            raise ValueError(f"value {at} is negative: {value!r}")


check([1, -2])

# ---
# code: RUNTIME_ERROR
# line: 4
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 7, in <module>
#       check([1, -2])
#       ~~~~~^^^^^^^^^
#     File "<script 1>", line 4, in check
#       raise ValueError(f"value {at} is negative: {value!r}")
#   ValueError: value 1 is negative: -2
