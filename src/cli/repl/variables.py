# What the session's variables are. It runs in a fork of which nothing is kept, and calls no code of theirs:
# of values that are no plain ones it says only what they are.
# What it needs itself may have the name of a variable of theirs, so it begins with nothing that has a name.
_globals = (lambda: None).__globals__
_all = _globals.copy()
for _name in """answer bool bytearray bytes complex dict float frozenset int isinstance len list repr set str tuple
        type""".split():
    _globals.pop(_name, None)

_PLAIN = (str, bytes, bytearray, int, float, complex, bool, type(None))
_NOUNS = {str: "character", bytes: "byte", bytearray: "byte", dict: "key"}
_SIZED = (str, bytes, bytearray, dict, list, tuple, set, frozenset)


def _base(value, kinds):
    for kind in kinds:
        if isinstance(value, kind):
            return kind
    return None


def _size(value):
    kind = _base(value, _SIZED)
    if kind is None:
        return ""
    count = kind.__len__(value)
    return f"{count:,} {_NOUNS.get(kind, 'item')}" + ("" if count == 1 else "s")


def _some(value, kind):
    items = []
    for item in kind.__iter__(value):
        if len(items) == 8:
            break
        items.append(item)
    return items, kind.__len__(value) > 8


def _head(value, depth=0):
    kind = _base(value, (dict, list, tuple, set, frozenset))
    if kind is not None and depth < 3:
        items, more = _some(value, kind)
        rest = [", …"] if more else []
        if kind is dict:
            shown = [f"{_head(key, depth + 1)}: {_head(dict.__getitem__(value, key), depth + 1)}" for key in items]
            return "{" + ", ".join(shown) + "".join(rest) + "}"
        begin, end = {list: "[]", tuple: "()"}.get(kind, "{}")
        comma = "," if kind is tuple and len(items) == 1 else ""
        return begin + ", ".join([_head(item, depth + 1) for item in items]) + comma + "".join(rest) + end
    if type(value) in _PLAIN:
        if isinstance(value, int) and int.bit_length(value) > 600:
            return f"a number of {int.bit_length(value):,} bits"
        return repr(value[:120] if type(value) in (str, bytes, bytearray) else value)
    module = type.__getattribute__(type(value), "__module__")
    if kind is None and type(module) is str and module in ("datetime", "decimal", "fractions", "uuid", "zoneinfo"):
        return repr(value)[:120]
    return ""


_rows = []
for _name, _value in _all.items():
    _kind = type.__getattribute__(type(_value), "__name__")
    if not _name.startswith("_") and _kind not in ("module", "Namespace"):
        _rows.append([_name, str(_kind)[:40], _size(_value), _head(_value)])
answer(_rows)
