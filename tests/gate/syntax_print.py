print 'hello'
# ---
# SYNTAX_ERROR  line 1
#     File "<script>", line 1
#       print 'hello'
#       ^^^^^
#   SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?
