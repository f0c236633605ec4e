def f():
return 1
# ---
# SYNTAX_ERROR  line 2
#     File "<script>", line 2
#       return 1
#       ^^^^^^
#   IndentationError: expected an indented block after function definition on line 1
