name = "nothing"
getattr(tools, name)

# ---
# code: RUNTIME_ERROR
# line: 2
# message: there is no server 'nothing' in tools (servers:
