import typing
from typing import Annotated, Final, NamedTuple, NewType, ParamSpec, Self, TypeAlias, assert_never, get_args, get_origin, overload

UserId = NewType("UserId", int)
P = ParamSpec("P")
Names: TypeAlias = list[str]
LIMIT: Final = 3


class Node:
    def link(self) -> Self:
        return self


@overload
def f(x: int) -> int: ...
@overload
def f(x: str) -> str: ...
def f(x):
    return x


print(UserId(5), Names, get_args(Annotated[int, "meta"]), get_origin(dict[str, int]) is dict, f("a"), Node().link().__class__.__name__, typing.get_type_hints(Node.link)["return"] is Self, typing.Optional[int] == (int | None), typing.List[int].__origin__, list[int].__args__, typing.is_typeddict(int))
try:
    assert_never(1)
except AssertionError:
    print("never")


class Emp(NamedTuple):
    name: str
    id: int = 3

    def tag(self):
        return f"{self.name}-{self.id}"


print(Emp("a").tag(), Emp._field_defaults, Emp.__annotations__["name"])

# ---
# stdout:
#   5 list[str] (<class 'int'>, 'meta') True a Node True True <class 'list'> (<class 'int'>,) False
#   never
#   a-3 {'id': 3} <class 'str'>
