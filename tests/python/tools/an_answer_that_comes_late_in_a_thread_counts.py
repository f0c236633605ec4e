import threading, time


def reply():
    time.sleep(0.1)
    answer(3)


threads = [threading.Thread(target=reply) for _ in range(3)]
for thread in threads:
    thread.start()

# ---
# result: 3
# answered: true
