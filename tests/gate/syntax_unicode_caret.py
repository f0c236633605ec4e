größe = 'äöü' 1
# ---
# SYNTAX_ERROR  line 1
#     File "<script>", line 1
#       größe = 'äöü' 1
#                     ^
#   SyntaxError: invalid syntax
