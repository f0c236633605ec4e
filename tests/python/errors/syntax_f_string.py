name = "a"
print(f"{name")

# ---
# code: SYNTAX_ERROR
# line: 2
# traceback:
#     File "<script>", line 2
#       print(f"{name")
#               ^
#   SyntaxError: f-string: expecting '}'
