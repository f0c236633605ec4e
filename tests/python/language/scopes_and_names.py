x = "global"


def outer():
    x = "outer"

    class Inner:
        x = "class"

        def read(self):
            return x

    return Inner().read(), Inner.x


print(outer(), x)
del x
try:
    x
except NameError as error:
    print(error)
print(__name__)
builtin_len = len
len = lambda value: 99
print(len([]), builtin_len([1]))
del len
print(len([1, 2]))
for i in range(3):
    pass
print(i, sorted(k for k in locals() if k in ("i", "outer")), "outer" in globals())


class Meta:
    a = 1
    b = a + 1

    def method(self, c=b):
        return c


print(Meta().method(), callable(Meta), id(Meta) == id(Meta), type(3).__name__, type(type).__name__)
print(sum.__name__, repr(...), NotImplemented is NotImplemented, isinstance(object(), object))
π = 3
print(π, (lambda ñ: ñ)(1))
if True: a = 1; b = 2
print(a, b, 1 if a > b else 2)

# ---
# stdout:
#   ('outer', 'class') global
#   name 'x' is not defined
#   __main__
#   99 1
#   2
#   2 ['i', 'outer'] True
#   2 True True int type
#   sum Ellipsis True True
#   3 1
#   1 2 2
