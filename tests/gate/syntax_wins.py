import os
x = = 1
# ---
# SYNTAX_ERROR  line 2
#     File "<script>", line 2
#       x = = 1
#           ^
#   SyntaxError: invalid syntax
