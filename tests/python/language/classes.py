class Shape:
    count = 0

    def __init__(self, name):
        self.name = name
        type(self).count += 1

    def area(self):
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}({self.name!r})"


class Square(Shape):
    def __init__(self, side):
        super().__init__("square")
        self.side = side

    def area(self):
        return self.side**2

    @classmethod
    def unit(cls):
        return cls(1)

    @staticmethod
    def double(n):
        return n * 2


class Cube(Square):
    def area(self):
        return 6 * super().area()


s, c = Square(3), Cube.unit()
print(s, c, s.area(), c.area(), Square.count, Cube.count, Shape.count)
print(isinstance(c, Shape), issubclass(Square, Cube), Cube.__mro__[1].__name__, Square.double(4), c.double(5))
try:
    Shape("x").area()
except NotImplementedError as error:
    print(type(error).__name__)
print(hasattr(s, "side"), getattr(s, "gone", "default"), vars(s))
del s.side
print(hasattr(s, "side"))

# ---
# stdout:
#   Square('square') Cube('square') 9 6 1 2 0
#   True False Square 8 10
#   NotImplementedError
#   True default {'name': 'square', 'side': 3}
#   False
