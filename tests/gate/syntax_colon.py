if x
    y = 1
# ---
# SYNTAX_ERROR  line 1
#     File "<script>", line 1
#       if x
#           ^
#   SyntaxError: expected ':'
