x = 1
y = = 2
# ---
# SYNTAX_ERROR  line 2
#     File "<script>", line 2
#       y = = 2
#           ^
#   SyntaxError: invalid syntax
