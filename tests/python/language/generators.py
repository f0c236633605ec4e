def count(n):
    at = 0
    while at < n:
        sent = yield at
        at = sent if sent is not None else at + 1
    return "done"


g = count(5)
print(next(g), next(g), g.send(3), next(g))
try:
    next(g)
except StopIteration as stop:
    print("returned", stop.value)


def outer():
    result = yield from count(2)
    yield result
    yield from "ab"


print(list(outer()))


def guarded():
    try:
        yield 1
        yield 2
    except ValueError as error:
        yield f"caught {error}"
    finally:
        print("cleaned")


g = guarded()
next(g)
print(g.throw(ValueError("v")))
g.close()
g = guarded()
next(g)
g.close()
try:
    g.send(None)
except StopIteration:
    print("closed")


def primes():
    found, n = [], 2
    while True:
        if all(n % p for p in found):
            found.append(n)
            yield n
        n += 1


print([p for p, _ in zip(primes(), range(8))], sum(x * x for x in range(10)), max((len(w), w) for w in "a bb ccc".split()))


def flatten(items):
    for item in items:
        if isinstance(item, list):
            yield from flatten(item)
        else:
            yield item


print(list(flatten([1, [2, [3, [4]], 5]])))


def bad():
    yield 1
    raise StopIteration


try:
    list(bad())
except RuntimeError as error:
    print("RuntimeError", error)
g = (n for n in range(3))
print(g.gi_running, list(g), list(g))

# ---
# stdout:
#   0 1 3 4
#   returned done
#   [0, 1, 'done', 'a', 'b']
#   caught v
#   cleaned
#   cleaned
#   closed
#   [2, 3, 5, 7, 11, 13, 17, 19] 285 (3, 'ccc')
#   [1, 2, 3, 4, 5]
#   RuntimeError generator raised StopIteration
#   False [0, 1, 2] []
