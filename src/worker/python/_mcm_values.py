"""The values that tools give, and how Python values become JSON beyond what Rust does itself.

- A `ToolDict` is a dict but for its `KeyError`, which names the keys that exist.
- A `JsonDict` or `JsonList` is what a tool's text held, when that was JSON; `.text` is the text itself.
"""
import sys

import _mcm

_SHOWN_KEYS = 30
_STR_METHODS = frozenset(name for name in dir(str) if not name.startswith("_"))


class _MissingKey(KeyError):
    def __init__(self, key, found):
        super().__init__(key)
        self._found = found

    def __str__(self):
        key = repr(self.args[0])[:200]
        if isinstance(self.args[0], (slice, int)) and not isinstance(self._found, list):
            return f"{key}: this is a dict, not a list or a text; {_keys(self._found)}"
        return f"{key}; {_keys(self._found)}"


_MissingKey.__name__ = _MissingKey.__qualname__ = "KeyError"
_MissingKey.__module__ = "builtins"


def _keys(found):
    keys = [repr(key)[:80] for key in list(found)[:_SHOWN_KEYS]]
    if not keys:
        return "it has no keys"
    more = f" and {len(found) - _SHOWN_KEYS} more" if len(found) > _SHOWN_KEYS else ""
    return f"the keys are {', '.join(keys)}{more}"


class ToolDict(dict):
    """A dict whose `KeyError` names the keys that exist."""

    __slots__ = ()

    def __missing__(self, key):
        raise _MissingKey(key, self)


def _no_such(value, name):
    kind = "dict" if isinstance(value, dict) else "list"
    if name in _STR_METHODS:
        error = AttributeError(
            f"this result is a {kind}, already parsed from JSON, and has no '{name}'; its exact text is `.text`,"
            f" so `.text.{name}(…)` works"
        )
    else:
        error = AttributeError(f"'{kind}' object has no attribute '{name}'; " + (_keys(value) if kind == "dict" else "use an index"))
    return error


class JsonDict(ToolDict):
    """A JSON object that a tool gave as text; `.text` is that text."""

    __slots__ = ("text",)

    def __getattr__(self, name):
        raise _no_such(self, name)


class JsonList(list):
    """A JSON array that a tool gave as text; `.text` is that text."""

    __slots__ = ("text",)

    def __getattr__(self, name):
        raise _no_such(self, name)


class Artifact:
    """An image, audio or other data that a tool gave: `.mime`, `.size`, `.path`, `.bytes()`."""

    __slots__ = ("_id", "path", "mime", "size")

    def __init__(self, id, path, mime, size):
        self._id, self.path, self.mime, self.size = id, path, mime, size

    def bytes(self):
        """The data itself."""
        from _mcm_tools import _finish

        return _finish("tools", "artifact", _mcm.call("tools", "artifact", {"id": self._id}, _mcm.line()))

    def __repr__(self):
        return f"Artifact(mime={self.mime!r}, size={self.size!r}, path={self.path!r})"

    def __eq__(self, other):
        return self._id == other._id if isinstance(other, Artifact) else NotImplemented

    def __hash__(self):
        return hash(self._id)


def _decimal(value):
    if not value.is_finite():
        raise TypeError(f"is {value}, which JSON does not have")
    if value == value.to_integral_value() and value.adjusted() < 300:
        return int(value)
    nearest = float(value)
    return nearest if type(value)(repr(nearest)) == value else str(value)


def _sorted(values):
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=lambda value: (type(value).__name__, repr(value)))


def plain(value, answering):
    """What stands for `value` in JSON; the `TypeError` goes without the place, which Rust adds."""
    # a module that nobody has imported has no values
    enum, dataclasses = sys.modules.get("enum"), sys.modules.get("dataclasses")
    if enum and isinstance(value, enum.Enum):
        return value.value
    if dataclasses and dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, (set, frozenset)):
        return _sorted(value)
    if isinstance(value, dict):
        return dict(value.items())
    if isinstance(value, Artifact) and answering:
        return {"path": value.path, "mime": value.mime, "size": value.size}
    kind = type(value).__module__, type(value).__name__
    for base in type(value).__mro__:
        match base.__module__, base.__name__:
            case ("datetime", "date" | "datetime"):
                return value.isoformat()
            case ("decimal" | "_pydecimal", "Decimal"):
                return _decimal(value)
    raise TypeError(f"is of type {kind[1]!r}, which has no JSON form{_advice(value)}")


def _advice(value):
    if isinstance(value, (bytes, bytearray)):
        return "; use .decode() or base64"
    if isinstance(value, Artifact):
        return "; use its `.path` or `.bytes()`"
    if hasattr(value, "__await__"):
        return "; `await` it first"
    if isinstance(value, type) or callable(value):
        return "; call it first"
    if hasattr(value, "__iter__"):
        return "; use list(…)"
    return "; use str(…)"


def like(wrapped):
    """As `functools.wraps`, which takes long to import."""

    def mark(function):
        for name in "__module__", "__name__", "__qualname__", "__doc__", "__annotate__":
            if hasattr(wrapped, name):
                setattr(function, name, getattr(wrapped, name))
        function.__dict__.update(getattr(wrapped, "__dict__", {}))
        function.__wrapped__ = wrapped
        return function

    return mark


def loads(parse):
    """`json.loads` that gives what is parsed already back as it is."""

    @like(parse)
    def loads(s, **options):
        if isinstance(s, (ToolDict, JsonList)):
            if not options:
                return s
            if isinstance(s, (JsonDict, JsonList)):
                s = s.text
        return parse(s, **options)

    return loads


def parse(text, hook):
    """JSON with numbers of any length."""
    import json

    return json.JSONDecoder(object_hook=hook).decode(text)


_mcm.register(ToolDict, JsonDict, JsonList, Artifact, plain, parse)
