from dataclasses import KW_ONLY, FrozenInstanceError, asdict, astuple, dataclass, field, fields, replace


@dataclass(order=True)
class Item:
    price: float
    name: str = field(compare=False)
    tags: list = field(default_factory=list, compare=False, repr=False)

    def __post_init__(self):
        self.name = self.name.strip()


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0


@dataclass
class Base:
    a: int


@dataclass
class Child(Base):
    b: int = 2
    _: KW_ONLY
    c: int = 3

    @property
    def total(self):
        return self.a + self.b + self.c


i, j = Item(2.5, " pen "), Item(1.0, "cap", ["x"])
print(i, j < i, sorted([i, j])[0].name, i == Item(2.5, "other"), asdict(j), astuple(j), replace(i, price=9).price)
p = Point(1)
print(p, hash(p) == hash(Point(1, 0)), {p: 1}[Point(1)], [f.name for f in fields(Child)], Child(1, c=5).total, Child(1))
for bad in (lambda: setattr(p, "x", 2), lambda: Child(), lambda: Child(1, 2, 3)):
    try:
        bad()
    except (FrozenInstanceError, TypeError) as error:
        print(type(error).__name__, error)
try:

    @dataclass
    class Wrong:
        items: list = []

except ValueError as error:
    print(error)

# ---
# stdout:
#   Item(price=2.5, name='pen') True cap True {'price': 1.0, 'name': 'cap', 'tags': ['x']} (1.0, 'cap', ['x']) 9
#   Point(x=1, y=0) True 1 ['a', 'b', 'c'] 8 Child(a=1, b=2, c=3)
#   FrozenInstanceError cannot assign to field 'x'
#   TypeError Child.__init__() missing 1 required positional argument: 'a'
#   TypeError Child.__init__() takes from 2 to 3 positional arguments but 4 were given
#   mutable default <class 'list'> for field items is not allowed: use default_factory
