"""The module `tools`: one namespace per server, and the functions that work on all of them.

- A namespace is compiled when it is first used, since some servers have a thousand tools.
- A tool is a function with a real signature; what cannot be bound is Python's own TypeError.
- Nothing that a script does to its own variables changes what the next script imports.
"""
import _thread
import sys

import _mcm
from _mcm_values import Artifact, like

__all__ = (
    "search", "describe", "list", "call", "resources", "read_resource", "prompts", "prompt", "complete"
)
_VARIABLE_KEYWORDS = 8
_Module = type(sys)
# `inspect` takes it for its own
_is_coroutine_mark = object()


class ToolError(Exception):
    """A tool failed: `.server`, `.tool`, `.message`, `.data`."""

    def __init__(self, message="", server=None, tool=None, data=None):
        super().__init__(message)
        self.server, self.tool, self.message, self.data = server, tool, message, data

    def __str__(self):
        return f"{self.server}.{self.tool}: {self.message}" if self.server else str(self.message)


class ToolDenied(ToolError):
    """A call was refused by policy or by the user."""


ToolError.__module__ = ToolDenied.__module__ = Artifact.__module__ = "builtins"


def _finish(server, tool, outcome):
    status, value = outcome
    if status == "value":
        return value
    if status == "denied":
        raise ToolDenied(value, server, tool)
    raise ToolError(value[0], server, tool, value[1])


async def _send(server, tool, arguments, line):
    from asyncio import get_running_loop

    return _finish(server, tool, await get_running_loop().call_tool(server, tool, arguments, line))


def _is_default(value, default):
    if value is default:
        return True
    if type(value) is not type(default):
        return False
    try:
        return bool(value == default)
    except Exception:
        return False


def _signature(function):
    import inspect

    return inspect.signature(function).format(quote_annotation_strings=False)


def _binder(function, names):
    """From what is given to a stub to a dict of what is sent, under raw names."""
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    rest = code.co_varnames[count] if code.co_flags & _VARIABLE_KEYWORDS else None
    given = function.__defaults__ or ()
    defaults = dict(zip(code.co_varnames[code.co_argcount - len(given) : code.co_argcount], given))
    defaults.update(function.__kwdefaults__ or {})
    python = {raw: name for name, raw in names.items() if raw != name}

    def bind(args, kwargs):
        if python and not python.keys().isdisjoint(kwargs):
            renamed = {}
            for name, value in kwargs.items():
                name = python.get(name, name)
                if name in renamed:
                    raise TypeError(f"{function.__name__}() got multiple values for argument '{name}'")
                renamed[name] = value
            kwargs = renamed
        try:
            bound = function(*args, **kwargs)
        except TypeError as error:
            error._hint = f"the signature is `{function.__name__}{_signature(function)}`"
            raise
        sent = {}
        for name, value in bound.items():
            if name == rest:
                sent.update(value)
            elif name not in defaults or not _is_default(value, defaults[name]):
                sent[names.get(name, name)] = value
        return sent

    return bind


def _make(server, raw, names, function):
    """The function that a script calls, from the stub of the same signature."""
    bind = _binder(function, names)

    @like(function)
    def tool(*args, **kwargs):
        return _finish(server, raw, _mcm.call(server, raw, bind(args, kwargs), _mcm.line()))

    @like(function)
    def aio(*args, **kwargs):
        sending = _send(server, raw, bind(args, kwargs), _mcm.line())
        sending.__qualname__ = f"{server}.{function.__name__}.aio"
        return sending

    aio.__qualname__ = f"{function.__name__}.aio"
    aio._is_coroutine_marker = _is_coroutine_mark
    tool.aio = aio
    tool._raw = raw
    return tool


def _near(name, names):
    import difflib

    lower = name.lower()
    found = difflib.get_close_matches(lower, names, 3, 0.6)
    found += [other for other in names if other not in found and len(lower) > 3 and (lower in other or other in lower)]
    return f" Did you mean: {', '.join(repr(other) for other in found[:3])}?" if found else ""


_stubs = {}
_lock = _thread.RLock()


class Namespace(_Module):
    """The tools of one server."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        _load(self)
        if name in self.__dict__:
            return self.__dict__[name]
        server = self.__name__.removeprefix("tools.")
        raise AttributeError(f"server '{server}' has no tool '{name}'.{_near(name, dir(self))}")

    def __dir__(self):
        _load(self)
        return [name for name in self.__dict__ if not name.startswith("_")]

    def __repr__(self):
        return f"<tools of server {self.__name__.removeprefix('tools.')!r}>"


def _load(namespace):
    with _lock:
        source = _stubs.pop(namespace.__name__, None)
        if source is None:
            return
        server = namespace.__name__.removeprefix("tools.")

        def _tool(raw, names):
            def define(function):
                tool = _make(server, raw, names, function)
                namespace.__dict__[function.__name__] = tool
                namespace.__dict__["_raw"][raw] = tool
                return tool

            return define

        namespace.__dict__["_raw"] = {}
        code = compile("from __future__ import annotations\n" + source, f"<tools of {server}>", "exec")
        exec(code, {"__name__": namespace.__name__, "_tool": _tool})


class _Tools(_Module):
    """The module `tools` itself."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(f"module 'tools' has no attribute {name!r}")
        raise AttributeError(f"{_no_server(name)}")

    def __dir__(self):
        return [*__all__, *servers]

    def __repr__(self):
        return f"<module 'tools': servers {', '.join(servers)}>"


servers = {}
tools = _Tools("tools", "The servers' tools, one namespace per server.")


def _no_server(name):
    known = ", ".join(servers) or "none"
    return f"there is no server '{name}' in tools (servers: {known}).{_near(name, dir(tools))}"


def _function(function):
    made = _make("tools", function.__name__, {}, function)
    tools.__dict__[function.__name__] = made
    return made


@_function
def search(query, limit=10):
    """Tools whose name or description fits the query, best first."""
    return locals()


@_function
def describe(name):
    """Signature and description of the tool "server.tool"."""
    return locals()


@_function
def list():
    """Names of all tools of all servers."""
    return locals()


@_function
def resources(server):
    """What the server offers to read: resources (`uri`) and templates of them (`uriTemplate`)."""
    return locals()


@_function
def read_resource(server, uri):
    """The contents of a resource of the server."""
    return locals()


@_function
def prompts(server):
    """The prompts that the server offers, with their arguments."""
    return locals()


@_function
def complete(server, of, argument, value=""):
    """Values for an argument of a prompt (by name) or of a resource template (by its `uriTemplate`)."""
    return locals()


def _filled(server, name, arguments):
    return locals()


_filled = _make("tools", "prompt", {}, _filled)


def prompt(server, name, /, **arguments):
    """A prompt of the server filled in: a list of `{"role", "content"}`."""
    return _filled(server, name, arguments)


def _prompt(server, name, /, **arguments):
    return _filled.aio(server, name, arguments)


def _find(server, tool):
    namespace = servers.get(server) or next((found for found in servers.values() if found._server == server), None)
    if namespace is None:
        raise AttributeError(_no_server(server))
    _load(namespace)
    return namespace.__dict__["_raw"].get(tool) or getattr(namespace, tool)


def call(server, tool, /, **kwargs):
    """Calls a tool by the names that its server knows."""
    return _find(server, tool)(**kwargs)


def _call(server, tool, /, **kwargs):
    return _find(server, tool).aio(**kwargs)


call.aio, _call._is_coroutine_marker = _call, _is_coroutine_mark
prompt.aio, _prompt._is_coroutine_marker = _prompt, _is_coroutine_mark
tools.call, tools.prompt = call, prompt
tools.ToolError, tools.ToolDenied, tools.Artifact = ToolError, ToolDenied, Artifact
tools.__path__ = []
sys.modules["tools"] = tools


def install(namespaces):
    """Makes the servers' names importable: tuples of name, raw name, description and stubs."""
    for name, raw, description, source in namespaces:
        namespace = Namespace(f"tools.{name}", description)
        namespace._server = raw
        _stubs[namespace.__name__] = source
        servers[name] = namespace
        tools.__dict__[name] = sys.modules[namespace.__name__] = namespace
    tools.__all__ = [*__all__, *servers]
