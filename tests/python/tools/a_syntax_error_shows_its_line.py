x = 1
y = = 2

# ---
# code: SYNTAX_ERROR
# line: 2
# message: y = = 2
# message: SyntaxError: invalid syntax
