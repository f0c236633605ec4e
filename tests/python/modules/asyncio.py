import asyncio


async def work(n, delay=0.01):
    await asyncio.sleep(delay)
    if n < 0:
        raise ValueError(f"negative {n}")
    return n * 2


async def main():
    print(await asyncio.gather(*(work(n) for n in range(4))), await asyncio.gather(work(1), work(-1), return_exceptions=True))
    meeting = asyncio.Barrier(10)
    print(sorted(await asyncio.gather(*(meeting.wait() for _ in range(10)))) == list(range(10)))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work(n), name=f"t{n}") for n in range(3)]
    print([t.result() for t in tasks], tasks[0].get_name(), tasks[0].done())
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work(-5))
            group.create_task(work(1, 10))
    except* ValueError as errors:
        print("group", errors.exceptions)
    try:
        async with asyncio.timeout(0.02):
            await asyncio.sleep(5)
    except TimeoutError:
        print("timeout")
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.02)
    except asyncio.TimeoutError:
        print("wait_for")
    semaphore, running, most = asyncio.Semaphore(2), 0, 0

    async def limited():
        nonlocal running, most
        async with semaphore:
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1

    await asyncio.gather(*(limited() for _ in range(6)))
    print("most", most)
    queue, got = asyncio.Queue(), []

    async def consumer():
        while True:
            got.append(await queue.get())
            queue.task_done()

    consumers = [asyncio.create_task(consumer()) for _ in range(2)]
    for n in range(5):
        await queue.put(n)
    await queue.join()
    for task in consumers:
        task.cancel()
    print(sorted(got), await asyncio.gather(*consumers, return_exceptions=True))
    task = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled", task.cancelled())
    for next_done in asyncio.as_completed([work(3, 0.03), work(1, 0.01)]):
        print(await next_done, end=" ")
    done, pending = await asyncio.wait([asyncio.create_task(work(1)), asyncio.create_task(work(2, 1))], return_when=asyncio.FIRST_COMPLETED)
    print(len(done), len(pending))
    event, lock = asyncio.Event(), asyncio.Lock()
    asyncio.get_running_loop().call_later(0.01, event.set)
    await event.wait()
    async with lock:
        print(lock.locked(), event.is_set(), await asyncio.to_thread(sum, [1, 2]), await asyncio.to_thread(lambda: 5))
    print(await asyncio.shield(work(4)), asyncio.current_task() is not None, asyncio.iscoroutinefunction(work), await asyncio.get_running_loop().run_in_executor(None, pow, 2, 3))
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, "set")
    print(await future)
    condition = asyncio.Condition()

    async def notify():
        async with condition:
            condition.notify_all()

    async with condition:
        asyncio.create_task(notify())
        await condition.wait()
    barrier = asyncio.Barrier(2)
    print(sorted(await asyncio.gather(barrier.wait(), barrier.wait())))
    priority = asyncio.PriorityQueue()
    for n in (2, 1):
        priority.put_nowait(n)
    print(priority.get_nowait(), priority.qsize())
    return "returned"


print(asyncio.run(main()))
with asyncio.Runner() as runner:
    print(runner.run(work(7)))

# ---
# stdout:
#   [0, 2, 4, 6] [2, ValueError('negative -1')]
#   True
#   [0, 2, 4] t0 True
#   group (ValueError('negative -5'),)
#   timeout
#   wait_for
#   most 2
#   [0, 1, 2, 3, 4] [CancelledError(''), CancelledError('')]
#   cancelled True
#   2 6 1 1
#   True True 3 5
#   8 True True 8
#   set
#   [0, 1]
#   1 1
#   returned
#   14
