# needs Python 3.14
from datetime import date

print(date(2024, 2, 30))

# ---
# code: RUNTIME_ERROR
# line: 4
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 4, in <module>
#       print(date(2024, 2, 30))
#             ~~~~^^^^^^^^^^^^^
#   ValueError: day 30 must be in range 1..29 for month 2 in year 2024
