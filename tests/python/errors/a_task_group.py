import asyncio


async def fail(name):
    await asyncio.sleep(0)
    raise ValueError(name)


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(fail("one"))


asyncio.run(main())

# ---
# code: RUNTIME_ERROR
# line: 10
# traceback:
#     + Exception Group Traceback (most recent call last):
#     |   File "<script 1>", line 14, in <module>
#     |     asyncio.run(main())
#     |     ~~~~~~~~~~~^^^^^^^^
#     |   File "<script 1>", line 10, in main
#     |     async with asyncio.TaskGroup() as group:
#     |                ~~~~~~~~~~~~~~~~~^^
#     | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
#     +-+---------------- 1 ----------------
#       | Traceback (most recent call last):
#       |   File "<script 1>", line 6, in fail
#       |     raise ValueError(name)
#       | ValueError: one
#       +------------------------------------
