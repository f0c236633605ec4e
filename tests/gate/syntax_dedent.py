if x:
        y = 1
    z = 2
# ---
# SYNTAX_ERROR  line 3
#     File "<script>", line 3
#       z = 2
#            ^
#   IndentationError: unindent does not match any outer indentation level
