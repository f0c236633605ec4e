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
