x = 1
return x
# ---
# SYNTAX_ERROR  line 2
#     File "<script>", line 2
#       return x
#       ^^^^^^^^
#   SyntaxError: 'return' outside function
