import asyncio
await asyncio.Event().wait()

# ---
# code: RUNTIME_ERROR
# message: deadlock
