import asyncio, time
start = time.monotonic()
print(await asyncio.gather(*(toy.slow.aio(ms=m) for m in (300, 200, 100, 300))))
time.monotonic() - start < 0.8

# ---
# result: true
# stdout:
#   [300, 200, 100, 300]
