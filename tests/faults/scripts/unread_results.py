import asyncio, time
calls = [asyncio.ensure_future(toy.giant.aio(mib=1)) for _ in range(8)]
await asyncio.sleep(0)
# the first of them is half written when the script ends
time.sleep(1)
# ---
# flags: --timeout 20
# code: none
