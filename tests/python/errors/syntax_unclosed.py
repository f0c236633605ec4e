items = [1, 2
print(items)

# ---
# code: SYNTAX_ERROR
# line: 1
# traceback:
#     File "<script>", line 1
#       items = [1, 2
#               ^
#   SyntaxError: '[' was never closed
