d = toy.echo({"a": {"b": 1, "c": 2}})
print(d, isinstance(d, dict), d == {"a": {"b": 1, "c": 2}}, d.get("z"))
d["a"]["x"]

# ---
# code: RUNTIME_ERROR
# line: 3
# message: KeyError: 'x'; the keys are 'b', 'c'
# hint: 'b', 'c'
# stdout:
#   {'a': {'b': 1, 'c': 2}} True True None
