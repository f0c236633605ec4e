tools.nothing

# ---
# code: RUNTIME_ERROR
# line: 1
# message: there is no server 'nothing' in tools (servers:
