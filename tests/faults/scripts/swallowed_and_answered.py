kept = "lost"
try:
    while True:
        pass
except TimeoutError:
    answer("too late")
# ---
# code: TIMEOUT
# message: the script used up its 1 s (`--timeout`)
