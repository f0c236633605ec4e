from collections import ChainMap, Counter, OrderedDict, UserDict, defaultdict, deque, namedtuple

c = Counter("mississippi")
print(c.most_common(2), c["z"], c + Counter("mm"), c - Counter("ssss"), sorted(c.elements())[:3], c.total(), Counter(a=1) | Counter(a=3), Counter(["a"]) & Counter("ab"))
c.update("xx")
c.subtract({"x": 1})
print(c["x"], dict(c))
d = defaultdict(list)
for k, v in [("a", 1), ("b", 2), ("a", 3)]:
    d[k].append(v)
print(d, d["new"], len(d), defaultdict(int, a=1)["b"], defaultdict(lambda: defaultdict(int))["x"]["y"])
q = deque([1, 2, 3], maxlen=3)
q.append(4)
q.appendleft(0)
q.rotate(1)
print(q, q.pop(), q.popleft(), q.maxlen, list(q), deque("abc")[1], deque([1, 2, 1]).count(1))
Point = namedtuple("Point", "x y", defaults=[0])
p = Point(1)
print(p, p.x, p._replace(y=5), p._asdict(), Point._fields, p == (1, 0), Point._make([7, 8]), Point.__name__)
o = OrderedDict(a=1, b=2)
o.move_to_end("a")
print(list(o.items()), o.popitem(last=False), list(o))
m = ChainMap({"a": 1}, {"a": 2, "b": 3})
print(m["a"], m["b"], dict(m), m.new_child({"a": 0})["a"], len(m.maps))


class Upper(UserDict):
    def __setitem__(self, key, value):
        super().__setitem__(key.upper(), value)


print(Upper(a=1), Upper({"x": 2})["X"])

# ---
# stdout:
#   [('i', 4), ('s', 4)] 0 Counter({'i': 4, 's': 4, 'm': 3, 'p': 2}) Counter({'i': 4, 'p': 2, 'm': 1}) ['i', 'i', 'i'] 11 Counter({'a': 3}) Counter({'a': 1})
#   1 {'m': 1, 'i': 4, 's': 4, 'p': 2, 'x': 1}
#   defaultdict(<class 'list'>, {'a': [1, 3], 'b': [2], 'new': []}) [] 3 0 0
#   deque([0], maxlen=3) 2 3 3 [0] b 2
#   Point(x=1, y=0) 1 Point(x=1, y=5) {'x': 1, 'y': 0} ('x', 'y') True Point(x=7, y=8) Point
#   [('b', 2), ('a', 1)] ('b', 2) ['a']
#   1 3 {'a': 1, 'b': 3} 0 2
#   {'A': 1} 2
