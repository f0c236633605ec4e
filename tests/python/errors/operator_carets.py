price, parts = 5, ["a"]
total = (price * 2) + (price / (len(parts) - 1))

# ---
# code: RUNTIME_ERROR
# line: 2
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       total = (price * 2) + (price / (len(parts) - 1))
#                              ~~~~~~^~~~~~~~~~~~~~~~~~
#   ZeroDivisionError: division by zero
