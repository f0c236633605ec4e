from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Generic, Literal, NamedTuple, Optional, Protocol, TypedDict, TypeVar, Union

T = TypeVar("T")


class Stack(Generic[T]):
    size: ClassVar[int] = 0

    def __init__(self) -> None:
        self.items: list[T] = []

    def push(self, item: T) -> Stack[T]:
        self.items.append(item)
        return self


class Row(NamedTuple):
    id: int
    name: str = "x"


class Movie(TypedDict, total=False):
    title: str
    year: int


@typing.runtime_checkable
class Sized(Protocol):
    def size(self) -> int: ...


class Box:
    def size(self) -> int:
        return 1


def f(a: int, b: Optional[str] = None, *c: float, d: Union[int, str] = 1) -> dict[str, list[int]]:
    x: int = 3
    return {"x": [x]}


print(Stack[int]().push(1).items, Row(1), Row(1, "b")._asdict(), Row(2)._replace(id=3), Row._fields, Movie(title="m"), isinstance(Box(), Sized), isinstance(1, Sized))
print(typing.get_type_hints(f)["a"], f.__annotations__["b"], typing.get_origin(list[int]), typing.get_args(dict[str, int]), list[int] == list[int], Literal["a", "b"].__args__)
print(typing.cast(int, "s"), typing.get_type_hints(Row), int | None, Callable[[int], str].__args__, isinstance(1, int | str), Any is typing.Any)

# ---
# stdout:
#   [1] Row(id=1, name='x') {'id': 1, 'name': 'b'} Row(id=3, name='x') ('id', 'name') {'title': 'm'} True False
#   <class 'int'> Optional[str] <class 'list'> (<class 'str'>, <class 'int'>) True ('a', 'b')
#   s {'id': <class 'int'>, 'name': <class 'str'>} int | None (<class 'int'>, <class 'str'>) True True
