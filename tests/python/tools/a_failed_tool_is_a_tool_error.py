toy.fail("broken")

# ---
# code: TOOL_ERROR
# line: 1
# message: ToolError: toy.fail: broken
