import threading
import time
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, TimeoutError, as_completed, wait


def square(n):
    if n == 13:
        raise ValueError("unlucky")
    return n * n


with ThreadPoolExecutor(max_workers=3) as pool:
    print(list(pool.map(square, range(5))), pool.submit(pow, 2, 5).result(), list(pool.map(lambda a, b: a + b, [1, 2], [3, 4])))
    futures = {pool.submit(square, n): n for n in (2, 3, 13)}
    results = {}
    for future in as_completed(futures):
        results[futures[future]] = "failed" if future.exception() else future.result()
    print(sorted(results.items()))
    slow, fast = pool.submit(time.sleep, 0.3), pool.submit(int, "1")
    done, waiting = wait([slow, fast], return_when=FIRST_COMPLETED)
    print(fast in done, slow in waiting, slow.done())
    try:
        slow.result(timeout=0.001)
    except TimeoutError:
        print("timed out")
    called = []
    fast.add_done_callback(lambda f: called.append(f.result()))
    print(called, slow.result())
with ThreadPoolExecutor(1) as pool:
    blocker, queued = pool.submit(time.sleep, 0.1), pool.submit(square, 2)
    print(queued.cancel(), queued.cancelled())
try:
    pool.submit(square, 1)
except RuntimeError as error:
    print(error)
meeting = threading.Barrier(5, timeout=30)
with ThreadPoolExecutor(5, thread_name_prefix="w", initializer=called.append, initargs=("init",)) as pool:
    met = sorted(pool.map(lambda _: meeting.wait(), range(5)))
print(met == [0, 1, 2, 3, 4], "init" in called)
f = Future()
f.set_result(3)
print(f.result(), f.done(), f.running())

# ---
# stdout:
#   [0, 1, 4, 9, 16] 32 [4, 6]
#   [(2, 4), (3, 9), (13, 'failed')]
#   True True False
#   timed out
#   [1] None
#   True True
#   cannot schedule new futures after shutdown
#   True True
#   3 True False
