class Registry(type):
    known = {}

    def __new__(meta, name, bases, namespace, **options):
        cls = super().__new__(meta, name, bases, namespace)
        meta.known[name] = options
        return cls

    def __init__(cls, name, bases, namespace, **options):
        super().__init__(name, bases, namespace)

    def __call__(cls, *args):
        made = super().__call__(*args)
        made.tagged = True
        return made

    @classmethod
    def __prepare__(meta, name, bases, **options):
        return {"prepared": name}

    def __len__(cls):
        return 42


class Base(metaclass=Registry, kind="base"):
    pass


class Child(Base, kind="child", level=2):
    def __init__(self, n=0):
        self.n = n


print(Registry.known, Child(5).tagged, Child(5).n, Child.prepared, len(Base), type(Child) is Registry)


class Plugin:
    plugins = []

    def __init_subclass__(cls, /, name, **rest):
        super().__init_subclass__(**rest)
        cls.plugins.append((name, cls.__name__))


class One(Plugin, name="one"):
    pass


class Two(Plugin, name="two"):
    pass


print(Plugin.plugins)
Made = type("Made", (Base,), {"x": 1, "f": lambda self: self.x + 1}, kind="made")
print(Made().f(), Made.__name__)

# ---
# stdout:
#   {'Base': {'kind': 'base'}, 'Child': {'kind': 'child', 'level': 2}} True 5 Child 42 True
#   [('one', 'One'), ('two', 'Two')]
#   2 Made
