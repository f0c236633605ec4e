import re

match = re.search("z", "abc")
print(match.group(0))

# ---
# code: RUNTIME_ERROR
# line: 4
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 4, in <module>
#       print(match.group(0))
#             ^^^^^^^^^^^
#   AttributeError: 'NoneType' object has no attribute 'group'
