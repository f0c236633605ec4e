import functools
import time


def logged(function):
    @functools.wraps(function)
    def run(*args, **kwargs):
        calls.append(function.__name__)
        return function(*args, **kwargs)

    return run


def repeat(times):
    def decorate(function):
        @functools.wraps(function)
        def run(*args):
            return [function(*args) for _ in range(times)]

        return run

    return decorate


calls = []


@logged
@repeat(times=2)
def double(n):
    """Doubles."""
    return n * 2


print(double(4), calls, double.__name__, double.__doc__, double.__wrapped__.__name__)


class Memo:
    def __init__(self, function):
        self.function, self.kept = function, {}

    def __call__(self, n):
        if n not in self.kept:
            self.kept[n] = self.function(n)
        return self.kept[n]


@Memo
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(60), len(fib.kept))


def entity(cls):
    cls.kind = cls.__name__.lower()
    return cls


@entity
class Order:
    pass


print(Order.kind)


@functools.lru_cache(maxsize=None)
def slow(n):
    return n + 1


print(slow(1), slow(1), slow.cache_info())


@functools.singledispatch
def show(value):
    return f"any {value}"


@show.register
def _(value: int):
    return f"int {value}"


@show.register(list)
def _(value):
    return f"list of {len(value)}"


print(show(1), show([1, 2]), show("s"))


class Data:
    @functools.cached_property
    def total(self):
        calls.append("total")
        return 6


data = Data()
print(data.total, data.total, calls.count("total"))

# ---
# stdout:
#   [8, 8] ['double'] double Doubles. double
#   1548008755920 61
#   order
#   2 2 CacheInfo(hits=1, misses=1, maxsize=None, currsize=1)
#   int 1 list of 2 any s
#   6 6 1
