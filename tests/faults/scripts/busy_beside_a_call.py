import threading

def spin():
    while True:
        pass

threading.Thread(target=spin, daemon=True).start()
toy.slow(ms=600_000)
# ---
# code: TIMEOUT
# line: 8
# message: TimeoutError
# within: 60 s, since it is its processor time that is used up
