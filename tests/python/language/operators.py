import functools


@functools.total_ordering
class Version:
    def __init__(self, text):
        self.parts = tuple(map(int, text.split(".")))

    def __eq__(self, other):
        return self.parts == other.parts

    def __lt__(self, other):
        return self.parts < other.parts

    def __hash__(self):
        return hash(self.parts)


print(sorted(map(Version, ["1.10", "1.9", "0.5"]))[0].parts, Version("1.2") >= Version("1.1"), len({Version("1.0"), Version("1.0")}))


class Vector:
    def __init__(self, *values):
        self.values = list(values)

    def __add__(self, other):
        return Vector(*(a + b for a, b in zip(self.values, other.values)))

    def __mul__(self, n):
        return Vector(*(n * a for a in self.values))

    __rmul__ = __mul__

    def __iadd__(self, other):
        self.values = [a + b for a, b in zip(self.values, other.values)]
        return self

    def __matmul__(self, other):
        return sum(a * b for a, b in zip(self.values, other.values))

    def __neg__(self):
        return self * -1

    def __abs__(self):
        return sum(a * a for a in self.values) ** 0.5

    def __len__(self):
        return len(self.values)

    def __getitem__(self, at):
        return self.values[at]

    def __setitem__(self, at, value):
        self.values[at] = value

    def __delitem__(self, at):
        del self.values[at]

    def __contains__(self, value):
        return value in self.values

    def __iter__(self):
        return iter(self.values)

    def __reversed__(self):
        return reversed(self.values)

    def __bool__(self):
        return any(self.values)

    def __call__(self, n):
        return [a**n for a in self.values]

    def __index__(self):
        return len(self.values)

    def __format__(self, spec):
        return f"<{', '.join(format(a, spec) for a in self.values)}>"

    def __repr__(self):
        return f"Vector{tuple(self.values)}"


v, w = Vector(3, 4), Vector(1, 2)
print(v + w, 2 * v, v @ w, -v, abs(v), len(v), v[0], v[0:2], 4 in v, [*v], list(reversed(v)), bool(Vector(0)), v(2))
print(f"{v:.1f}", hex(v), [10, 20, 30][v], v.__eq__(w))
v += w
v[0] = 9
del v[1]
print(v, divmod(17, 5), 7 // -2, -7 % 3, 2**-1, 5 ^ 3, ~5, 1 << 10, 0b1010 & 0x6, 10 >> 1, not 0)
print(1 < 2 < 3, 1 < 3 < 2, None is None, [] == [], [] is [], 1 == 1.0 == True, "a" "b", "ab" * 2, [1] * 3, (1,) + (2,))

# ---
# stdout:
#   (0, 5) True 1
#   Vector(4, 6) Vector(6, 8) 11 Vector(-3, -4) 5.0 2 3 [3, 4] True [3, 4] [4, 3] False [9, 16]
#   <3.0, 4.0> 0x2 30 NotImplemented
#   Vector(9,) (3, 2) -4 2 0.5 6 -6 1024 2 5 True
#   True False True True False True ab abab [1, 1, 1] (1, 2)
