try:
    toy.fail("broken")
except ToolError as e:
    print(e.server, e.tool, e.message)

# ---
# stdout:
#   toy fail broken
