import asyncio
print(await asyncio.gather(*(toy.slow.aio(ms=m) for m in (30, 20, 10, 30))))
print(await asyncio.gather(*(toy.meet.aio(of=4) for _ in range(4))))

# ---
# stdout:
#   [30, 20, 10, 30]
#   [4, 4, 4, 4]
