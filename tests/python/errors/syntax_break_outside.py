x = 1
break

# ---
# code: SYNTAX_ERROR
# line: 2
# traceback:
#     File "<script>", line 2
#       break
#       ^^^^^
#   SyntaxError: 'break' outside loop
