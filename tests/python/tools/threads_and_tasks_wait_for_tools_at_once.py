import asyncio
async def main():
    return await asyncio.gather(asyncio.to_thread(lambda: toy.slow(ms=50)), toy.slow.aio(ms=60), asyncio.sleep(0.05, 7))
asyncio.run(main())

# ---
# result: [50, 60, 7]
