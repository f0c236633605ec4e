total = 0
while True:
    total += 1
# ---
# code: TIMEOUT
# line: 3 2
# message: Traceback
# message: TimeoutError: the script used up its 1 s (`--timeout`)
