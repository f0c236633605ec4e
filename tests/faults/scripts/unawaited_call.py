import asyncio
call = asyncio.create_task(toy.slow.aio(ms=600_000))
await asyncio.sleep(0)
while True:
    pass
# ---
# code: TIMEOUT
# line: 4 5
