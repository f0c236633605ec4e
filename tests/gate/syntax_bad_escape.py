x = '\x9'
# ---
# SYNTAX_ERROR  line 1
#     File "<script>", line 1
#       x = '\x9'
#               ^
#   SyntaxError: (unicode error) a string has an escape that is cut short
