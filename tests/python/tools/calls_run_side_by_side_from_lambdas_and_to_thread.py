import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

started = time.monotonic()
with ThreadPoolExecutor(10) as pool:
    print(sum(pool.map(lambda ms: toy.slow(ms=ms), [300] * 10)))


def fetch(n):
    return toy.add(a=n) + toy.slow(ms=300)


print(await asyncio.gather(*(asyncio.to_thread(fetch, n) for n in range(8))))
print(time.monotonic() - started < 2.5)

# ---
# stdout:
#   3000
#   [301, 302, 303, 304, 305, 306, 307, 308]
#   True
