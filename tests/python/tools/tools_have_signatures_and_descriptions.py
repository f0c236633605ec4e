import inspect

print(inspect.signature(toy.add), toy.add.__name__, inspect.iscoroutinefunction(toy.add.aio), inspect.iscoroutinefunction(toy.add))
help(toy.add)
print([name for name in dir(toy) if name in ("add", "echo", "json_text")], "toy" in repr(toy))
print([tool["name"] for tool in tools.list()][:2], tools.call("toy", "json-text", text="[1]"))

# ---
# stdout:
#   (a: 'int', b: 'int' = 1) -> 'Any' add True False
#   add(a: int, b: int = 1) -> Any
#   ['add', 'echo', 'json_text'] True
#   ['toy.echo', 'toy.add'] [1]
