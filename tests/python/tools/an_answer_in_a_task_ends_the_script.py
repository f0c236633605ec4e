import asyncio
async def wait():
    try:
        await asyncio.sleep(100)
    finally:
        print("cleaned up")
async def reply():
    answer(5)
async with asyncio.TaskGroup() as group:
    group.create_task(wait())
    group.create_task(reply())
print("never")

# ---
# result: 5
# answered: true
# stdout:
#   cleaned up
