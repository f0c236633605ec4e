import time
time.sleep(100)
# ---
# code: TIMEOUT
# line: 2
# message: time.sleep(100)
# message: TimeoutError
