print((1, 2)))

# ---
# code: SYNTAX_ERROR
# line: 1
# traceback:
#     File "<script>", line 1
#       print((1, 2)))
#                    ^
#   SyntaxError: unmatched ')'
