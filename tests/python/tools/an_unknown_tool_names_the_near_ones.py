tools.call("toy", "echoo")

# ---
# code: RUNTIME_ERROR
# line: 1
# message: server 'toy' has no tool 'echoo'. Did you mean: 'echo'?
