class = 5

# ---
# code: SYNTAX_ERROR
# line: 1
# traceback:
#     File "<script>", line 1
#       class = 5
#             ^
#   SyntaxError: Expected an identifier
