import asyncio
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(10) as pool:
    print(sum(pool.map(lambda of: toy.meet(of=of), [10] * 10)))


def fetch(n):
    return toy.add(a=n) + toy.meet(of=8)


print(await asyncio.gather(*(asyncio.to_thread(fetch, n) for n in range(8))))

# ---
# stdout:
#   100
#   [9, 10, 11, 12, 13, 14, 15, 16]
