x = (1,
y = 2
# ---
# SYNTAX_ERROR  line 1
#     File "<script>", line 1
#       x = (1,
#           ^
#   SyntaxError: '(' was never closed
