import threading
bomb = []

def fill():
    while True:
        bomb.append("x" * 1000 + str(len(bomb)))

threads = [threading.Thread(target=fill, daemon=True) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
# ---
# flags: --timeout 60
# code: MEMORY_LIMIT
