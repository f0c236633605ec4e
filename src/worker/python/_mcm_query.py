"""`llm_query`: asks the language model about a text.

- Of a list of prompts so many are asked at a time; the first failure gives up the others.
"""
import sys

import _mcm
from _mcm_tools import _finish, _is_coroutine_mark, _send

# as many as `mcm` asks at a time, so that prompts which wait take no room there
_AT_A_TIME = 8
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object", type(None): "null"}
_Union = type(int | str)


def llm_query(prompt, *, schema=None, system=None):
    """Asks a language model, which sees nothing but `prompt`, and returns its reply.

    With `schema` (a type such as `list[str]`, text such as `'count: int, tags: list[str]'`, or a JSON Schema) the
    reply is a checked value, else a `str`.
    A list of prompts gives the list of replies, asked side by side; `llm_query.aio(…)` is awaited.
    """
    asked, line = _asked(prompt, schema, system), _mcm.line()
    if isinstance(asked, dict):
        return _finish("llm", "query", _mcm.call("llm", "query", asked, line))
    group = _mcm.group()
    places, replies, waiting = {}, [None] * len(asked), enumerate(asked)
    try:
        while True:
            while len(places) < _AT_A_TIME and (following := next(waiting, None)):
                place, arguments = following
                places[_mcm.start(group, "llm", "query", arguments, line)] = place
            if not places:
                return replies
            for number, status, value in _mcm.poll(group, None):
                replies[places.pop(number)] = _finish("llm", "query", (status, value))
    finally:
        _mcm.close(group)


def _aio(prompt, *, schema=None, system=None):
    asked, line = _asked(prompt, schema, system), _mcm.line()
    asking = _send("llm", "query", asked, line) if isinstance(asked, dict) else _send_all(asked, line)
    asking.__qualname__ = "llm_query.aio"
    return asking


async def _send_all(asked, line):
    import asyncio

    places = asyncio.Semaphore(_AT_A_TIME)

    async def send(arguments):
        async with places:
            return await _send("llm", "query", arguments, line)

    tasks = [asyncio.ensure_future(send(arguments)) for arguments in asked]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


def _asked(prompt, schema, system):
    """The arguments of one call, or of each of a list."""
    besides = {}
    if schema is not None:
        besides["schema"] = _schema(schema)
    if system is not None:
        besides["system"] = _text(system, "system")
    if isinstance(prompt, (list, tuple)):
        return [{"prompt": _text(one, "prompt"), **besides} for one in prompt]
    return {"prompt": _text(prompt, "prompt"), **besides}


def _text(value, name):
    if isinstance(value, str):
        return value
    raise TypeError(f"llm_query(): {name} must be a str, not {type(value).__name__}; json.dumps(…) or str(…) makes one")


def _schema(kind):
    """The JSON Schema of a type; a schema itself, or the text of one, is `mcm`'s to read."""
    if isinstance(kind, (dict, str)):
        return kind
    if kind is None:
        return {"type": "null"}
    if isinstance(kind, type) and kind in _TYPES:
        return {"type": _TYPES[kind]}
    origin, given, typing = getattr(kind, "__origin__", None), getattr(kind, "__args__", ()), sys.modules.get("typing")
    if origin is list and len(given) == 1:
        return {"type": "array", "items": _schema(given[0])}
    if origin is dict and len(given) == 2 and given[0] is str:
        return {"type": "object", "additionalProperties": _schema(given[1])}
    if isinstance(kind, _Union) or typing and origin is typing.Union:
        return {"anyOf": [_schema(one) for one in given]}
    if typing and origin is typing.Literal:
        return {"enum": [*given]}
    if typing and kind is typing.Any:
        return {}
    raise TypeError(f"llm_query(): schema must be a JSON Schema or a type such as list[str], not {kind!r}")


_aio.__doc__, _aio.__name__, _aio.__qualname__ = llm_query.__doc__, "aio", "llm_query.aio"
_aio._is_coroutine_marker = _is_coroutine_mark
llm_query.aio = _aio
llm_query.__module__ = _aio.__module__ = "builtins"
