return 5

# ---
# code: SYNTAX_ERROR
# line: 1
# message: return 5
# message: SyntaxError: 'return' outside function
