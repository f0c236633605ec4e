def f():
    await g()
# ---
# SYNTAX_ERROR  line 2
#     File "<script>", line 2
#       await g()
#       ^^^^^^^^^
#   SyntaxError: 'await' outside async function
