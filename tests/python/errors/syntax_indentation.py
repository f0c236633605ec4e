def f():
print(1)

# ---
# code: SYNTAX_ERROR
# line: 2
# traceback:
#     File "<script>", line 2
#       print(1)
#       ^^^^^
#   IndentationError: expected an indented block after function definition on line 1
