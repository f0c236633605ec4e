Here is the script:
# ---
# SYNTAX_ERROR  line 1
#     File "<script>", line 1
#       Here is the script:
#                   ^^^^^^
#   SyntaxError: invalid syntax
