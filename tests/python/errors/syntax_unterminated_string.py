name = "Ann

# ---
# code: SYNTAX_ERROR
# line: 1
# traceback:
#     File "<script>", line 1
#       name = "Ann
#              ^
#   SyntaxError: unterminated string literal (detected at line 1)
