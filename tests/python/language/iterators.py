class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n + 1


print(list(Countdown(3)), sum(Countdown(4)), max(Countdown(2)), 2 in Countdown(3), sorted(Countdown(3)), [*Countdown(2)])


class Old:
    def __getitem__(self, at):
        if at > 2:
            raise IndexError
        return at * 10


print(list(Old()), next(iter([]), "none"), list(iter(iter([1, 2, 3]).__next__, 3)))
print(list(map(lambda a, b: a + b, [1, 2], [3, 4])), list(filter(None, [0, 1, "", "a"])), list(zip("ab", [1, 2], strict=True)), list(enumerate("ab", 1)))
try:
    list(zip("ab", [1], strict=True))
except ValueError as error:
    print(error)
print(list(reversed(range(3))), range(10)[2:8:3], len(range(0, 10, 3)), 6 in range(0, 10, 3), range(3) == range(0, 3), list(range(5, 0, -2)))
for n in range(5):
    if n == 1:
        continue
    if n == 3:
        break
    print(n, end=" ")
else:
    print("no break")
for n in []:
    pass
else:
    print("else ran")
while True:
    break
else:
    print("never")
it = iter([1, 2, 3])
for a in it:
    print(a, next(it, None), end=";")
print()

# ---
# stdout:
#   [3, 2, 1] 10 2 True [1, 2, 3] [2, 1]
#   [0, 10, 20] none [1, 2]
#   [4, 6] [1, 'a'] [('a', 1), ('b', 2)] [(1, 'a'), (2, 'b')]
#   zip() argument 2 is shorter than argument 1
#   [2, 1, 0] range(2, 8, 3) 4 True True [5, 3, 1]
#   0 2 else ran
#   1 2;3 None;
