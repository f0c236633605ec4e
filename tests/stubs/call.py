# Calls each tool as the case says and tells which of them did not send what it should have.
import asyncio

import tools


async def call(server, tool, raw, given, sent):
    try:
        got = await getattr(getattr(tools, server), tool).aio(**given)
    except Exception as error:
        return f"{server}.{tool}({given}): {type(error).__name__}: {error}"
    want = {"name": raw, "arguments": sent}
    return None if got == want else f"{server}.{tool}({given}) sent {got}, not {want}"


faults = []
for at in range(0, len(cases), 50):
    faults += [f for f in await asyncio.gather(*(call(*case) for case in cases[at : at + 50])) if f]
answer({"calls": len(cases), "faults": len(faults), "first": faults[:20]})
