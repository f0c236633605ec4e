import asyncio

semaphore, queue, results = asyncio.Semaphore(3), asyncio.Queue(), []


async def worker():
    while True:
        n = await queue.get()
        async with semaphore:
            results.append(await toy.add.aio(a=n, b=n))
        queue.task_done()


for n in range(10):
    queue.put_nowait(n)
workers = [asyncio.create_task(worker()) for _ in range(5)]
await queue.join()
for w in workers:
    w.cancel()
print(sorted(results))
async with asyncio.timeout(5):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(toy.echo.aio(value=n)) for n in range(3)]
print([t.result() for t in tasks])

# ---
# stdout:
#   [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]
#   [0, 1, 2]
