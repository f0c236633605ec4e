x = 1
else:
    x = 2

# ---
# code: SYNTAX_ERROR
# line: 2
# traceback:
#     File "<script>", line 2
#       else:
#       ^^^^
#   SyntaxError: Expected a statement
