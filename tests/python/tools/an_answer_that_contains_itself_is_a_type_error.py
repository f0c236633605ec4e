x = []
x.append(x)
answer(x)

# ---
# code: RUNTIME_ERROR
# line: 3
# message: `answer[0]` contains itself
