if x:
        y = 1
<TAB>z = 2
# ---
# SYNTAX_ERROR  line 3
#     File "<script>", line 3
#       z = 2
#            ^
#   TabError: inconsistent use of tabs and spaces in indentation
