a = 1
  b = 2

# ---
# code: SYNTAX_ERROR
# line: 2
# traceback:
#     File "<script>", line 2
#       b = 2
#       ^^
#   IndentationError: unexpected indent
