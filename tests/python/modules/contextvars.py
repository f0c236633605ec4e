import asyncio
import contextvars

v = contextvars.ContextVar("v", default="d")
token = v.set("one")
print(v.get(), v.name)
v.reset(token)
print(v.get(), token.old_value is contextvars.Token.MISSING)
context = contextvars.copy_context()
context.run(v.set, "inside")
print(v.get(), context[v], v in context)


async def child(n):
    v.set(n)
    await asyncio.sleep(0)
    return v.get()


async def main():
    v.set("main")
    return await asyncio.gather(child(1), child(2)), v.get()


print(asyncio.run(main()))

# ---
# stdout:
#   one v
#   d True
#   d inside True
#   ([1, 2], 'main')
