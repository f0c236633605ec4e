break
# ---
# SYNTAX_ERROR  line 1
#     File "<script>", line 1
#       break
#       ^^^^^
#   SyntaxError: 'break' outside loop
