import queue
import threading

q = queue.Queue(maxsize=2)
q.put(1)
q.put(2)
try:
    q.put_nowait(3)
except queue.Full:
    print("full", q.full(), q.qsize())
print(q.get(), q.get(), q.empty())
try:
    q.get(timeout=0.01)
except queue.Empty:
    print("empty")
p = queue.PriorityQueue()
for item in [3, 1, 2]:
    p.put(item)
s = queue.LifoQueue()
s.put("a")
s.put("b")
print([p.get() for _ in range(3)], s.get())
q, done = queue.Queue(maxsize=2), []


def worker():
    while (item := q.get()) is not None:
        done.append(item * 10)
        q.task_done()
    q.task_done()


thread = threading.Thread(target=worker)
thread.start()
for n in [1, 2, 3, None]:
    q.put(n)
q.join()
thread.join()
print(done)

# ---
# stdout:
#   full True 2
#   1 2 True
#   empty
#   [1, 2, 3] b
#   [10, 20, 30]
