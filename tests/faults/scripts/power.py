def tower():
    return 10**10**8

tower()
# ---
# code: TIMEOUT
# line: 2
