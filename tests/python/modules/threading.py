import threading

total, lock = 0, threading.Lock()


def add(n):
    global total
    for _ in range(n):
        with lock:
            total += 1


threads = [threading.Thread(target=add, args=(200,), name=f"t{n}") for n in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total, threads[0].name, threads[0].is_alive(), threading.current_thread() is threading.main_thread(), threading.active_count())
event, seen = threading.Event(), []


def wait():
    event.wait()
    seen.append("woken")


t = threading.Thread(target=wait, daemon=True)
t.start()
event.set()
t.join()
local = threading.local()
local.x = 1
threading.Thread(target=lambda: seen.append(hasattr(local, "x"))).start()
barrier = threading.Barrier(2)
t = threading.Thread(target=lambda: seen.append(barrier.wait() in (0, 1)))
t.start()
barrier.wait()
t.join()
condition, items = threading.Condition(), []


def consume():
    with condition:
        condition.wait_for(lambda: items)
        seen.append(items.pop())


t = threading.Thread(target=consume)
t.start()
with condition:
    items.append("item")
    condition.notify()
t.join()
semaphore = threading.BoundedSemaphore(1)
semaphore.acquire()
print(semaphore.acquire(blocking=False), seen, threading.RLock().acquire())
semaphore.release()
timer = threading.Timer(0.01, seen.append, ["timer"])
timer.start()
timer.join()


def raises():
    raise SystemExit


t = threading.Thread(target=raises)
t.start()
t.join()
meeting, met = threading.Barrier(5, timeout=30), []
walkers = [threading.Thread(target=lambda: met.append(meeting.wait())) for _ in range(5)]
[w.start() for w in walkers]
[w.join() for w in walkers]
print(seen[-1], sorted(met) == [0, 1, 2, 3, 4])

# ---
# stdout:
#   800 t0 False True 1
#   False ['woken', False, True, 'item'] True
#   timer True
