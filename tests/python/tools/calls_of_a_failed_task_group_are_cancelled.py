import asyncio


async def fails():
    await toy.slow.aio(ms=50)
    raise ValueError("no")


try:
    async with asyncio.TaskGroup() as group:
        group.create_task(fails())
        for _ in range(3):
            group.create_task(toy.slow.aio(ms=30_000))
except* ValueError as errors:
    print(errors.exceptions)
print(toy.cancelled(wanted=3))

# ---
# stdout:
#   (ValueError('no'),)
#   3
