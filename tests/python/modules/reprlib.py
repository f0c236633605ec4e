import reprlib

print(reprlib.repr(list(range(100))), reprlib.repr("x" * 100), reprlib.repr({n: n for n in range(9)}))


class Node:
    def __init__(self):
        self.children = [self]

    @reprlib.recursive_repr("<...>")
    def __repr__(self):
        return f"Node({self.children!r})"


print(Node())

# ---
# stdout:
#   [0, 1, 2, 3, 4, 5, ...] 'xxxxxxxxxxxx...xxxxxxxxxxxxx' {0: 0, 1: 1, 2: 2, 3: 3, ...}
#   Node([<...>])
