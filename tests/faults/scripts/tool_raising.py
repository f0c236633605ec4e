toy.fail(message="no such table")
# ---
# code: TOOL_ERROR
# line: 1
# message: no such table
