def counter():
    n = 0

    def step(by=1):
        nonlocal n
        n += by
        return n

    return step


one, two = counter(), counter()
print(one(), one(5), two(), one.__closure__[0].cell_contents)
total = 0


def add(n):
    global total
    total += n


add(3)
add(4)
print(total, (lambda a, *b, **c: (a, b, c))(1, 2, x=3))


def compose(*functions):
    def run(value):
        for function in functions:
            value = function(value)
        return value

    return run


print(compose(str, len, lambda n: n + 1)(12345), sorted("bca", key=lambda c: -ord(c)))


def default(items=[]):
    items.append(len(items))
    return items


print(default(), default(), default.__defaults__)


def read_before():
    print(v)
    v = 1


try:
    read_before()
except UnboundLocalError as error:
    print(type(error).__name__, "'v'" in str(error))


def fact(n):
    return 1 if n < 2 else n * fact(n - 1)


print(fact(20), fact.__name__, (lambda: 0).__name__)

# ---
# stdout:
#   1 6 1 6
#   7 (1, (2,), {'x': 3})
#   6 ['c', 'b', 'a']
#   [0, 1] [0, 1] ([0, 1],)
#   UnboundLocalError True
#   2432902008176640000 fact <lambda>
