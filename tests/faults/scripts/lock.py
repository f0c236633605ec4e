import threading
lock = threading.Lock()
lock.acquire()
lock.acquire()
# ---
# code: TIMEOUT
# line: 4
