import asyncio
await asyncio.sleep(0)
async with x as y:
    pass
async for z in y:
    pass
[a async for a in y]
# ---
# ok
