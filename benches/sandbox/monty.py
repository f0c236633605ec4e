"""pydantic-monty's side of the table: reads what to do, one word a line, and prints the milliseconds it took."""
import asyncio
import json
import sys
import time

from pydantic_monty import AsyncMonty, CollectString, Monty

LIMITS = {"max_suspensions": 1_000_000}
PRINT = "print(1 + 1)"
PARALLEL = "import asyncio\nawait asyncio.gather(*[slow(100) for _ in range(20)])"
pool = Monty(min_processes=1).__enter__()
session = pool.checkout(limits=LIMITS).__enter__()


def milliseconds(function):
    start = time.perf_counter()
    function()
    return (time.perf_counter() - start) * 1000


def fresh():
    with Monty() as new, new.checkout() as one:
        one.feed_run(PRINT, print_callback=CollectString())


def result(size):
    text = "x" * size
    session.feed_run("len(get())", external_lookup={"get": lambda: text})


async def slow(ms):
    await asyncio.sleep(ms / 1000)


async def parallel():
    async with AsyncMonty() as new, new.checkout() as one:
        await one.feed_run("1")
        start = time.perf_counter()
        await one.feed_run(PARALLEL, external_lookup={"slow": slow})
        return (time.perf_counter() - start) * 1000


def sessions():
    with Monty(min_processes=1, max_processes=200) as many:
        opened = [many.checkout() for _ in range(200)]
        for one in opened:
            one.__enter__().feed_run("x = 1\nx")
        for one in opened:
            one.__exit__(None, None, None)


def measure(what, rest):
    match what:
        case "fresh":
            return milliseconds(fresh)
        case "same":
            return milliseconds(lambda: session.feed_run(PRINT, print_callback=CollectString()))
        case "calls":
            calls = "for i in range(1000):\n    echo(value=i)"
            return milliseconds(lambda: session.feed_run(calls, external_lookup={"echo": lambda value: value}))
        case "parallel":
            return asyncio.run(parallel())
        case "result":
            return milliseconds(lambda: result(int(rest)))
        case "sessions":
            return milliseconds(sessions)
        case "script":
            return milliseconds(lambda: session.feed_run(json.loads(rest)))


for line in sys.stdin:
    what, _, rest = line.strip().partition(" ")
    try:
        print(measure(what, rest), flush=True)
    except Exception as error:
        print("cannot:", str(error).splitlines()[0][:60], flush=True)
