import threading, time
def reply():
    answer(6)
threading.Thread(target=reply).start()
while True:
    time.sleep(0.01)

# ---
# result: 6
# answered: true
