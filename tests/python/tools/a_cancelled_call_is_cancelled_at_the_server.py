import asyncio

try:
    async with asyncio.timeout(0.2):
        await toy.slow.aio(ms=30_000)
except TimeoutError:
    print("too slow")
task = asyncio.create_task(toy.slow.aio(ms=30_000))
await asyncio.sleep(0.05)
task.cancel()
print(await asyncio.gather(task, return_exceptions=True))
print(toy.cancelled(wanted=2), await toy.echo.aio(value="still there"))

# ---
# stdout:
#   too slow
#   [CancelledError('')]
#   2 still there
