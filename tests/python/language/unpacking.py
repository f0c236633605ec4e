a, b = 1, 2
a, b = b, a
first, *middle, last = range(5)
(x, y), [z] = (1, 2), [3]
print(a, b, first, middle, last, x, y, z)
*init, end = "abc"
print(init, end)


def f(a, b=2, *args, c, d=4, **kwargs):
    return a, b, args, c, d, kwargs


print(f(1, c=3), f(1, 2, 3, 4, c=5, e=6), f(*[1, 2], **{"c": 3, "z": 0}))


def g(a, /, b, *, c):
    return a + b + c


print(g(1, b=2, c=3))
for call in (lambda: g(a=1, b=2, c=3), lambda: g(1, 2, 3), lambda: f(), lambda: f(1, c=1, a=2)):
    try:
        call()
    except TypeError as error:
        print(error)
for i, (k, v) in enumerate({"a": 1, "b": 2}.items(), start=1):
    print(i, k, v)
try:
    a, b = [1, 2, 3]
except ValueError as error:
    print("too many values to unpack (expected 2" in str(error))
try:
    a, b, *c = [1]
except ValueError as error:
    print(error)
print([*range(3), *[8]], {*"aab"} == {"a", "b"}, (*"xy", 1), {"a": 1, **{"a": 2}})

# ---
# stdout:
#   2 1 0 [1, 2, 3] 4 1 2 3
#   ['a', 'b'] c
#   (1, 2, (), 3, 4, {}) (1, 2, (3, 4), 5, 4, {'e': 6}) (1, 2, (), 3, 4, {'z': 0})
#   6
#   g() got some positional-only arguments passed as keyword arguments: 'a'
#   g() takes 2 positional arguments but 3 were given
#   f() missing 1 required positional argument: 'a'
#   f() got multiple values for argument 'a'
#   1 a 1
#   2 b 2
#   True
#   not enough values to unpack (expected at least 2, got 1)
#   [0, 1, 2, 8] True ('x', 'y', 1) {'a': 2}
