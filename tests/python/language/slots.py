class Point:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


class Named(Point):
    __slots__ = ("name",)


p = Named(1, 2)
p.name = "n"
print(p.x + p.y, p.name, hasattr(p, "__dict__"))
try:
    p.z = 3
except AttributeError as error:
    print("AttributeError", "'z'" in str(error))
del p.x
try:
    p.x
except AttributeError as error:
    print("AttributeError", "x" in str(error))

# ---
# stdout:
#   3 n False
#   AttributeError True
#   AttributeError True
