import asyncio
async def fetch(i):
    await asyncio.sleep(0)
    return i * 2
async def main():
    rs = await asyncio.gather(*[fetch(i) for i in range(4)])
    print(rs, sum(rs))
asyncio.run(main())

# ---
# stdout:
#   [0, 2, 4, 6] 12
