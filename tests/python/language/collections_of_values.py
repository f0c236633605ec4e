a = [3, 1, 2]
a.append(4)
a.extend([5, 6])
a.insert(0, 0)
print(a, a.pop(), a.pop(0), a.index(1), a.count(1), sorted(a), sorted(a, reverse=True), a[::-1], a[-2:])
a.sort(key=lambda n: -n)
a.reverse()
a.remove(3)
a[1:2] = [9, 9]
del a[0]
print(a, a * 2, a + [1], 9 in a, a == [9, 9, 4, 5], [1, 2] < [1, 3], a.copy() is a)
a.clear()
print(a, [[0] * 2 for _ in range(2)], list("ab"), list(range(3)))
t = (1, 2, 2)
print(t.count(2), t.index(2), t + (3,), (1,), (), hash((1, 2)) == hash((1, 2)), t < (1, 3))
d = {"a": 1, "b": 2}
d["c"] = 3
d.update({"d": 4}, e=5)
print(d, d.get("z"), d.get("z", 0), d.pop("a"), d.pop("zz", None), d.setdefault("f", 6), d.popitem(), list(d), list(d.values()), list(d.items()), "b" in d, len(d))
print(d | {"b": 20}, dict(a=1), dict([("x", 1)]), dict.fromkeys("ab", 0), {**d, "z": 1}, {1: "int", 1.0: "float", True: "bool"}, max(d, key=d.get), sorted(d.items(), key=lambda kv: -kv[1]))
d |= {"q": 1}
del d["q"]
print(d.keys() & {"b", "x"}, sorted(d.keys() - {"b"}), list(reversed(d)), d == dict(reversed(d.items())))
try:
    for k in d:
        d[k + "x"] = 1
except RuntimeError as error:
    print(error)
s, u = {1, 2, 3}, {3, 4}
print(s | u, s & u, s - u, s ^ u, s <= {1, 2, 3, 4}, s.isdisjoint({9}), {1}.issubset(s), frozenset([1]) in {frozenset([1])}, len(set("hello")))
s.add(5)
s.discard(99)
s.update([6, 7])
s.remove(1)
print(sorted(s), s.copy() == s)
for bad in (lambda: {[]: 1}, lambda: s.remove(99), lambda: (1, 2).append(3), lambda: {1: {}}[2], lambda: [1, 2, 3][1.0], lambda: sorted([1, "a"])):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)
b = bytearray(b"abc")
b[0] = 65
b.append(100)
print(b, bytes(b), slice(1, 10, 2).indices(5), [1, 2, 3, 4][slice(1, 3)])

# ---
# stdout:
#   [3, 1, 2, 4, 5] 6 0 1 1 [1, 2, 3, 4, 5] [5, 4, 3, 2, 1] [5, 4, 2, 1, 3] [4, 5]
#   [9, 9, 4, 5] [9, 9, 4, 5, 9, 9, 4, 5] [9, 9, 4, 5, 1] True True True False
#   [] [[0, 0], [0, 0]] ['a', 'b'] [0, 1, 2]
#   2 1 (1, 2, 2, 3) (1,) () True True
#   {'b': 2, 'c': 3, 'd': 4, 'e': 5} None 0 1 None 6 ('f', 6) ['b', 'c', 'd', 'e'] [2, 3, 4, 5] [('b', 2), ('c', 3), ('d', 4), ('e', 5)] True 4
#   {'b': 20, 'c': 3, 'd': 4, 'e': 5} {'a': 1} {'x': 1} {'a': 0, 'b': 0} {'b': 2, 'c': 3, 'd': 4, 'e': 5, 'z': 1} {1: 'bool'} e [('e', 5), ('d', 4), ('c', 3), ('b', 2)]
#   {'b'} ['c', 'd', 'e'] ['e', 'd', 'c', 'b'] True
#   dictionary changed size during iteration
#   {1, 2, 3, 4} {3} {1, 2} {1, 2, 4} True True True True 4
#   [2, 3, 5, 6, 7] True
#   TypeError unhashable type: 'list'
#   KeyError 99
#   AttributeError 'tuple' object has no attribute 'append'
#   KeyError 2
#   TypeError list indices must be integers or slices, not float
#   TypeError '<' not supported between instances of 'str' and 'int'
#   bytearray(b'Abcd') b'Abcd' (1, 5, 2) [2, 3]
