def classify(n):
    if n < 0:
        return "negative"
    elif n == 0:
        return "zero"
    else:
        return "positive"


print([classify(n) for n in (-1, 0, 1)])
n, steps = 27, 0
while n != 1:
    n = n // 2 if n % 2 == 0 else 3 * n + 1
    steps += 1
print(steps)
for i in range(2, 20):
    for j in range(2, i):
        if i % j == 0:
            break
    else:
        print(i, end=" ")
print()
log = []
for i in range(3):
    try:
        if i == 1:
            continue
        log.append(i)
    finally:
        log.append(f"f{i}")
print(log, 0 or "x", 1 and 2, not [], None or 0 or "last", 1 < 2 and 3)


def early(items):
    for item in items:
        if item is None:
            return
        print(item, end=",")
    return "all"


print(early([1, None, 2]), early([1]))
assert True
pass
x = y = z = []
x.append(1)
print(y, z is x)
a = 5
a += 1; a -= 2; a *= 3; a //= 2; a **= 2; a %= 7; a |= 8; a &= 12; a ^= 1; a <<= 2; a >>= 1
print(a, end="!\n", sep="")
print("a", "b", sep="-", end=".\n")
print(*[1, 2], sep="\n")
print()

# ---
# stdout:
#   ['negative', 'zero', 'positive']
#   111
#   2 3 5 7 11 13 17 19 
#   [0, 'f0', 'f1', 2, 'f2'] x 2 True last 3
#   1,1,None all
#   [1] True
#   18!
#   a-b.
#   1
#   2
#
