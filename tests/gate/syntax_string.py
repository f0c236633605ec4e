x = 'abc
# ---
# SYNTAX_ERROR  line 1
#     File "<script>", line 1
#       x = 'abc
#           ^
#   SyntaxError: unterminated string literal (detected at line 1)
