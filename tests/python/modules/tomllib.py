import tomllib

text = """
title = "T"
[owner]
name = 'Ann'
dob = 1979-05-27T07:32:00Z
[[items]]
id = 1
tags = ["a", "b"]
[[items]]
id = 0xff
price = 1.5
inline = { x = 1, y.z = true }
"""
print(tomllib.loads(text))
try:
    tomllib.loads("a = ")
except tomllib.TOMLDecodeError as error:
    print(type(error).__name__)

# ---
# stdout:
#   {'title': 'T', 'owner': {'name': 'Ann', 'dob': datetime.datetime(1979, 5, 27, 7, 32, tzinfo=datetime.timezone.utc)}, 'items': [{'id': 1, 'tags': ['a', 'b']}, {'id': 255, 'price': 1.5, 'inline': {'x': 1, 'y': {'z': True}}}]}
#   TOMLDecodeError
