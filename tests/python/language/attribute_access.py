class Proxy:
    def __init__(self, target):
        object.__setattr__(self, "_target", target)
        object.__setattr__(self, "log", [])

    def __getattr__(self, name):
        self.log.append(f"get {name}")
        return getattr(self._target, name)

    def __setattr__(self, name, value):
        self.log.append(f"set {name}")
        setattr(self._target, name, value)

    def __delattr__(self, name):
        self.log.append(f"del {name}")
        delattr(self._target, name)

    def __dir__(self):
        return ["one", "two"]


class Plain:
    a = 1


p = Proxy(Plain())
p.b = 2
print(p.a, p.b, dir(p))
del p.b
print(hasattr(p, "b"), p.log)


class Strict:
    def __getattribute__(self, name):
        if name.startswith("secret"):
            raise AttributeError(f"no {name}")
        return super().__getattribute__(name)


s = Strict()
s.open, s.secret_x = 1, 2
print(s.open, getattr(s, "secret_x", "hidden"), sorted(vars(s)) if False else s.__dict__)


class Attrs(dict):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


a = Attrs(x=1)
a.y = 2
print(a.x, a.y, a, a["y"])


class Meta(type):
    def __getattr__(cls, name):
        return f"class has no {name}"


class WithMeta(metaclass=Meta):
    pass


print(WithMeta.anything, getattr(Plain(), "a"), setattr(p, "c", 5), p.c)


class Copy:
    def __init__(self, v):
        self.v = v

    def __copy__(self):
        return Copy(self.v + 1)

    def __deepcopy__(self, memo):
        return Copy(self.v + 10)


import copy

print(copy.copy(Copy(1)).v, copy.deepcopy([Copy(1)])[0].v)

# ---
# stdout:
#   1 2 ['one', 'two']
#   False ['set b', 'get a', 'get b', 'del b', 'get b']
#   1 hidden {'open': 1, 'secret_x': 2}
#   1 2 {'x': 1, 'y': 2} 2
#   class has no anything 1 None 5
#   2 11
