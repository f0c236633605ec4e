answer({"a": [float("nan")]})

# ---
# answered: false
# code: RUNTIME_ERROR
# line: 1
# message: TypeError: `answer["a"][0]` is nan
