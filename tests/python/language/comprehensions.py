words = ["apple", "bob", "cat", "apple"]
print([w.upper() for w in words if len(w) > 3], sorted({len(w) for w in words}), {w: len(w) for w in words})
print([(x, y) for x in range(3) for y in range(x) if (x + y) % 2], [[c for c in w] for w in words[1:3]])
matrix = [[1, 2, 3], [4, 5, 6]]
print([list(column) for column in zip(*matrix)], [n for row in matrix for n in row])
x = "outer"
print([x for x in range(3)], x)
functions = [lambda n=n: n * 10 for n in range(3)]
late = [lambda: n for n in range(3)]
print([f() for f in functions], [f() for f in late])
print(any(w == "bob" for w in words), all(w for w in words), next((w for w in words if "z" in w), "none"))
print({k: v for k, v in sorted({"b": 1, "a": 2}.items())}, dict(zip("ab", (1, 2))), [*range(2), *"xy"], {**{"a": 1}, "b": 2})


class Holder:
    numbers = [1, 2, 3]
    doubled = [n * 2 for n in numbers]


print(Holder.doubled, [y := 5, y**2], [last := n for n in range(4)], last)

# ---
# stdout:
#   ['APPLE', 'APPLE'] [3, 5] {'apple': 5, 'bob': 3, 'cat': 3}
#   [(1, 0), (2, 1)] [['b', 'o', 'b'], ['c', 'a', 't']]
#   [[1, 4], [2, 5], [3, 6]] [1, 2, 3, 4, 5, 6]
#   [0, 1, 2] outer
#   [0, 10, 20] [2, 2, 2]
#   True True none
#   {'a': 2, 'b': 1} {'a': 1, 'b': 2} [0, 1, 'x', 'y'] {'a': 1, 'b': 2}
#   [2, 4, 6] [5, 25] [0, 1, 2, 3] 3
