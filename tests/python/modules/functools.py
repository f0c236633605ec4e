from functools import cache, cmp_to_key, lru_cache, partial, partialmethod, reduce, singledispatchmethod, wraps


@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(90), fib.cache_info().hits > 80, reduce(lambda a, b: a * b, [1, 2, 3, 4], 10), partial(int, base=2)("101"), sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a)))


class Cell:
    def set(self, value):
        self.value = value
        return self

    on = partialmethod(set, True)

    @singledispatchmethod
    def show(self, arg):
        return "any"

    @show.register
    def _(self, arg: int):
        return "int"


print(Cell().on().value, Cell().show(1), Cell().show("a"), partial(print, "a", sep="-").keywords)


@lru_cache(maxsize=2)
def f(n):
    calls.append(n)
    return n


calls = []
[f(n) for n in (1, 2, 1, 3, 2)]
print(calls, f.cache_info())
f.cache_clear()
print(f.cache_info().currsize)

# ---
# stdout:
#   2880067194370816120 True 240 5 [3, 2, 1]
#   True int any {'sep': '-'}
#   [1, 2, 3, 2] CacheInfo(hits=1, misses=4, maxsize=2, currsize=2)
#   0
