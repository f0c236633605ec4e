# needs Python 3.12
from dataclasses import dataclass


def first[T](items: list[T]) -> T:
    return items[0]


class Box[T]:
    def __init__(self, value: T):
        self.value = value

    def map[U](self, f) -> "Box[U]":
        return Box(f(self.value))


@dataclass
class Pair[A, B = int]:
    a: A
    b: B


type Number = int | float
type Tree[T] = T | list[Tree[T]]
print(first([3, 4]), Box(2).map(str).value, Pair(1, "x"), Number.__value__, Tree.__name__, first.__type_params__, Box[int].__args__)

# ---
# stdout:
#   3 2 Pair(a=1, b='x') int | float Tree (T,) (<class 'int'>,)
