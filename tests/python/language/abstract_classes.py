from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, MutableSequence, Sequence


class Store(ABC):
    @abstractmethod
    def get(self, key): ...

    @property
    @abstractmethod
    def size(self): ...

    def describe(self):
        return f"{type(self).__name__} of {self.size}"


class Memory(Store):
    def get(self, key):
        return key * 2

    @property
    def size(self):
        return 7


print(Memory().describe(), Memory().get(2), isinstance(Memory(), Store))
try:
    Store()
except TypeError as error:
    print("TypeError", "abstract" in str(error), "get" in str(error))


class Squares(Sequence):
    def __len__(self):
        return 4

    def __getitem__(self, at):
        if at >= 4:
            raise IndexError
        return at * at


q = Squares()
print(list(q), 9 in q, q.index(4), q.count(1), list(reversed(q)), isinstance([], Iterable), isinstance({}, Mapping))


class Frozen(Mapping):
    def __init__(self, **values):
        self.values_ = values

    def __getitem__(self, key):
        return self.values_[key]

    def __iter__(self):
        return iter(self.values_)

    def __len__(self):
        return len(self.values_)


f = Frozen(a=1, b=2)
print(dict(f), f.get("z", 0), "a" in f, list(f.items()), f == {"a": 1, "b": 2}, {**f})


@Store.register
class Virtual:
    pass


print(issubclass(Virtual, Store), issubclass(list, MutableSequence))

# ---
# stdout:
#   Memory of 7 4 True
#   TypeError True True
#   [0, 1, 4, 9] True 2 1 [9, 4, 1, 0] True True
#   {'a': 1, 'b': 2} 0 True [('a', 1), ('b', 2)] True {'a': 1, 'b': 2}
#   True True
