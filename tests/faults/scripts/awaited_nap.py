import asyncio

async def nap():
    await asyncio.sleep(100)

await nap()
# ---
# code: TIMEOUT
# line: 4
# message: TimeoutError
