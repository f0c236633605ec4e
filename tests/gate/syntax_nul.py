x = 1
y = '<NUL>'
z = <NUL>
# ---
# SYNTAX_ERROR  line 3
#     File "<script>", line 3
#       z = �
#           ^
#   SyntaxError: invalid non-printable character U+0000
