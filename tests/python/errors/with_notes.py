error = ValueError("bad row")
error.add_note("row 17 of the table")
error.add_note("two lines\nof a note")
raise error

# ---
# code: RUNTIME_ERROR
# line: 4
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 4, in <module>
#       raise error
#   ValueError: bad row
#   row 17 of the table
#   two lines
#   of a note
