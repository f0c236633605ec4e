import asyncio
async def main():
    return await toy.add.aio(1, 2)
x = asyncio.run(main())
y = await main()
(x, y, asyncio.run(main()))

# ---
# result: [3, 3, 3]
