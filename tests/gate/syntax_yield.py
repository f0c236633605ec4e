yield 1
# ---
# SYNTAX_ERROR  line 1
#     File "<script>", line 1
#       yield 1
#       ^^^^^^^
#   SyntaxError: 'yield' outside function
