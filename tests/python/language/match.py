from dataclasses import dataclass
from enum import Enum


@dataclass
class Point:
    x: int
    y: int


class Colour(Enum):
    RED = 1
    BLUE = 2


class Pair:
    __match_args__ = ("first", "second")

    def __init__(self, first, second):
        self.first, self.second = first, second


def say(value):
    match value:
        case 0 | 1:
            return "small"
        case int(n) if n > 100:
            return f"large {n}"
        case True | None:
            return "constant"
        case str() as text if text.startswith("a"):
            return f"a-word {text}"
        case "b" | "c":
            return "b or c"
        case []:
            return "empty"
        case [single]:
            return f"one {single}"
        case [first, *rest, last] if first == last:
            return f"ends alike, {rest} between"
        case [Point(x=0, y=y), *_]:
            return f"list with point on axis {y}"
        case (a, (b, c)):
            return f"nested {a} {b} {c}"
        case Point(x=0, y=0):
            return "origin"
        case Point(x, y=ordinate):
            return f"point {x} {ordinate}"
        case Pair(1, second):
            return f"pair of 1 and {second}"
        case Colour.RED:
            return "red"
        case {"type": "user", "name": str(name), **rest}:
            return f"user {name} {sorted(rest)}"
        case {"items": [{"id": int(id)}, *_]}:
            return f"first id {id}"
        case {}:
            return "some dict"
        case float() | complex():
            return "number"
        case _:
            return "other"


for value in [
    1, 101, None, "apple", "b", [], [7], [1, 2, 3, 1], [Point(0, 5), 1, 2], (1, (2, 3)), Point(0, 0), Point(1, 2),
    Pair(1, "z"), Colour.RED, Colour.BLUE, {"type": "user", "name": "Ann", "age": 3, "b": 1}, {"items": [{"id": 4}, 2]},
    {"x": 1}, 2.5, {1, 2}, "zzz", 50,
]:
    print(say(value))

# ---
# stdout:
#   small
#   large 101
#   constant
#   a-word apple
#   b or c
#   empty
#   one 7
#   ends alike, [2, 3] between
#   list with point on axis 5
#   nested 1 2 3
#   origin
#   point 1 2
#   pair of 1 and z
#   red
#   other
#   user Ann ['age', 'b']
#   first id 4
#   some dict
#   number
#   other
#   other
#   other
