answer({1: "a", "1": "b"})

# ---
# code: RUNTIME_ERROR
# line: 1
# message: `answer` has two keys that both become "1"
