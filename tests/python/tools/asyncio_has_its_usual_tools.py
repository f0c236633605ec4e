import asyncio
limit, queue = asyncio.Semaphore(2), asyncio.Queue()
async def work(i):
    async with limit:
        await toy.slow.aio(ms=5)
        await queue.put(i)
async with asyncio.TaskGroup() as group:
    for i in range(5):
        group.create_task(work(i))
print(sorted(queue.get_nowait() for _ in range(5)))
try:
    async with asyncio.timeout(0.02):
        await toy.slow.aio(ms=400)
except TimeoutError:
    print("too late")

# ---
# stdout:
#   [0, 1, 2, 3, 4]
#   too late
