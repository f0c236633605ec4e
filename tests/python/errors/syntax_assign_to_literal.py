5 = x

# ---
# code: SYNTAX_ERROR
# line: 1
# traceback:
#     File "<script>", line 1
#       5 = x
#       ^
#   SyntaxError: cannot assign to literal here. Maybe you meant '==' instead of '='?
