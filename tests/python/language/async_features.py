import asyncio


class Ticker:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        await asyncio.sleep(0)
        return self.n


class Guard:
    async def __aenter__(self):
        print("enter")
        return "value"

    async def __aexit__(self, kind, error, trace):
        print("exit", kind and kind.__name__)
        return True


async def numbers(n):
    for i in range(n):
        yield i
        await asyncio.sleep(0)


class Later:
    def __await__(self):
        yield from asyncio.sleep(0).__await__()
        return "awaited"


async def main():
    print([n async for n in Ticker(3)], [n * 2 async for n in numbers(3) if n], {n: n async for n in numbers(2)}, await Later())
    async with Guard() as value:
        print(value)
        raise ValueError
    async for n in Ticker(2):
        print("tick", n)
    else:
        print("ended")
    generator = numbers(5)
    print(await anext(generator), await generator.asend(None))
    await generator.aclose()
    print(await anext(numbers(0), "default"), [await c for c in (asyncio.sleep(0, "a"), asyncio.sleep(0, "b"))])


asyncio.run(main())


async def coroutine():
    return 5


c = coroutine()
try:
    c.send(None)
except StopIteration as stop:
    print(stop.value, type(c).__name__)

# ---
# stdout:
#   [2, 1, 0] [2, 4] {0: 0, 1: 1} awaited
#   enter
#   value
#   exit ValueError
#   tick 1
#   tick 0
#   ended
#   0 1
#   default ['a', 'b']
#   5 coroutine
