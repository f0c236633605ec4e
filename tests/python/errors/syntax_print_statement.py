print "hello"

# ---
# code: SYNTAX_ERROR
# line: 1
# traceback:
#     File "<script>", line 1
#       print "hello"
#       ^^^^^
#   SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?
