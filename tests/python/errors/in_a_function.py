def outer(items):
    return [inner(item) for item in items]


def inner(item):
    total = item["count"] + item["missing"]
    return total


print("before")
outer([{"count": 1}])

# ---
# stdout:
#   before
# code: RUNTIME_ERROR
# line: 6
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 11, in <module>
#       outer([{"count": 1}])
#       ~~~~~^^^^^^^^^^^^^^^^
#     File "<script 1>", line 2, in outer
#       return [inner(item) for item in items]
#               ~~~~~^^^^^^
#     File "<script 1>", line 6, in inner
#       total = item["count"] + item["missing"]
#                               ~~~~^^^^^^^^^^^
#   KeyError: 'missing'
