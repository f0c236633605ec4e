def f():
    nonlocal x
# ---
# SYNTAX_ERROR  line 2
#     File "<script>", line 2
#       nonlocal x
#       ^^^^^^^^^^
#   SyntaxError: no binding for nonlocal 'x' found
