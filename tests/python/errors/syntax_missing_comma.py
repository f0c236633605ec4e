items = [1 2, 3]

# ---
# code: SYNTAX_ERROR
# line: 1
# traceback:
#     File "<script>", line 1
#       items = [1 2, 3]
#                  ^
#   SyntaxError: invalid syntax. Perhaps you forgot a comma?
