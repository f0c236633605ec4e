import asyncio


async def main():
    asyncio.ensure_future(toy.slow.aio(ms=30_000))
    await asyncio.sleep(0.05)


asyncio.run(main())
print(toy.cancelled(wanted=1))

# ---
# stdout:
#   1
