import asyncio
import contextlib


@contextlib.asynccontextmanager
async def opened(name):
    print("open", name)
    try:
        yield name
    finally:
        print("close", name)


async def main():
    async with opened("a") as a, contextlib.AsyncExitStack() as stack:
        print(a, await stack.enter_async_context(opened("b")))
        stack.push_async_callback(asyncio.sleep, 0)
    async with contextlib.aclosing(gen()) as g:
        print(await anext(g))


async def gen():
    try:
        yield 1
    finally:
        print("gen closed")


asyncio.run(main())


@contextlib.contextmanager
def chain():
    yield [1]


with chain() as x:
    print(x)


class Both(contextlib.ContextDecorator):
    def __enter__(self):
        print("in")

    def __exit__(self, *args):
        print("out")


@Both()
def f():
    print("body")


f()

# ---
# stdout:
#   open a
#   open b
#   a b
#   close b
#   close a
#   1
#   gen closed
#   [1]
#   in
#   body
#   out
