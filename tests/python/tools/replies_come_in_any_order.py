import asyncio

order = []


async def call(ms):
    order.append(await toy.slow.aio(ms=ms))
    return ms


print(await asyncio.gather(call(300), call(10), call(150)), order)
for next_done in asyncio.as_completed([toy.slow.aio(ms=200), toy.slow.aio(ms=5)]):
    print(await next_done)

# ---
# stdout:
#   [300, 10, 150] [10, 150, 300]
#   5
#   200
