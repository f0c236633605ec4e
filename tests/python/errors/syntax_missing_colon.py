for i in range(3)
    print(i)

# ---
# code: SYNTAX_ERROR
# line: 1
# traceback:
#     File "<script>", line 1
#       for i in range(3)
#                        ^
#   SyntaxError: expected ':'
