# needs Python 3.14
seen = set()
seen.add([1])

# ---
# code: RUNTIME_ERROR
# line: 3
# traceback:
#   TypeError: unhashable type: 'list'
#
#   The above exception was the direct cause of the following exception:
#
#   Traceback (most recent call last):
#     File "<script 1>", line 3, in <module>
#       seen.add([1])
#       ~~~~~~~~^^^^^
#   TypeError: cannot use 'list' as a set element (unhashable type: 'list')
