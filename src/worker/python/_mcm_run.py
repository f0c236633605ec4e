"""What surrounds a script: its builtins, its output, the end of its tasks and threads.

- `answer` ends a script from a task or a thread, too.
- After a script that succeeded no thread but the main one is left, so the process can be forked.
"""
import _io
import _thread
import _warnings
import builtins
import linecache
import sys

import _mcm
import _mcm_query
import _mcm_refused
import _mcm_tools
import _mcm_values

_MAIN = _thread.get_ident()
_MAX_SHOWN = 10_000


class Answered(SystemExit):
    """Unwinds a script that has answered; a kind that tasks and threads pass on or end by."""


def answer(value):
    """Ends the script; `value` is the answer to the task."""
    _mcm.answer(value)
    if _thread.get_ident() != _MAIN:
        _mcm.interrupt(Answered())
    raise Answered()


class _Output(_io._TextIOBase):
    """`sys.stdout` or `sys.stderr`: each write is one frame to `mcm`."""

    encoding = "utf-8"
    errors = "replace"
    name = "<output>"

    def __init__(self, number):
        self._number = number

    @property
    def buffer(self):
        return _Bytes(self)

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        _mcm.write(self._number, text)
        return len(text)

    def flush(self):
        pass

    def close(self):
        pass

    def writable(self):
        return True

    def isatty(self):
        return False


class _Bytes:
    def __init__(self, output):
        self._output = output

    def write(self, data):
        self._output.write(bytes(data).decode("utf-8", "replace"))
        return len(data)

    def flush(self):
        pass


_python_print = print


def _part(name, value, default):
    if value is None:
        return default
    if isinstance(value, str):
        return value
    raise TypeError(f"{name} must be None or a string, not {type(value).__name__}")


@_mcm_values.like(_python_print)
def _print(*values, sep=None, end=None, file=None, flush=False):
    if file is not None and not isinstance(file, _Output):
        return _python_print(*values, sep=sep, end=end, file=file, flush=flush)
    sep, end = _part("sep", sep, " "), _part("end", end, "\n")
    output = sys.stdout if file is None else file
    if output is not None:
        output.write(sep.join([str(value) for value in values]) + end)


def _quit(code=None):
    """Ends the script without an answer."""
    raise SystemExit(code)


OURS = {
    "answer": answer,
    "ToolError": _mcm_tools.ToolError,
    "ToolDenied": _mcm_tools.ToolDenied,
    "Artifact": _mcm_values.Artifact,
    "llm_query": _mcm_query.llm_query,
    "tools": _mcm_tools.tools,
}


def set_up():
    """Once per interpreter: builtins and output."""
    answer.__module__ = _print.__module__ = _quit.__module__ = "builtins"
    sys.stdout = sys.__stdout__ = _Output(1)
    sys.stderr = sys.__stderr__ = _Output(2)
    sys.argv = [""]
    _warnings.filters.insert(0, ("ignore", None, DeprecationWarning, None, 0))
    builtins.__dict__.update(OURS)
    builtins.print = _print
    builtins.quit = builtins.exit = _quit
    for name in "input", "open", "breakpoint":
        setattr(builtins, name, getattr(_mcm_refused, name))
    builtins.help = _help


def _help(thing=None):
    """Prints signature and description of `thing`."""
    import inspect

    if isinstance(thing, (_mcm_tools.Namespace, _mcm_tools._Tools)):
        lines = [thing.__doc__ or repr(thing), *(f"  {name}" for name in dir(thing))]
    else:
        try:
            head = f"{getattr(thing, '__qualname__', thing)}{inspect.signature(thing).format(quote_annotation_strings=False)}"
        except (TypeError, ValueError):
            head = repr(thing)
        lines = [head, inspect.getdoc(thing) or ""]
    print("\n".join(lines).rstrip())


def install(namespaces):
    """Makes the servers' namespaces known, as builtins too."""
    _mcm_tools.install(namespaces)
    builtins.__dict__.update(_mcm_tools.servers)


def begin(variables, name, source):
    """Before each script: our own names and the output are what they were, and tracebacks show its lines."""
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    for ours in OURS:
        variables.pop(ours, None)
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)


def display(value):
    """Prints the value of a last expression as Python's own prompt does."""
    if value is not None:
        text = repr(value)
        more = len(text) - _MAX_SHOWN
        _print(text if more <= 0 else f"{text[:_MAX_SHOWN]}… ({more:,} more characters)")


def drive(coroutine):
    """Runs a script that has `await` at its top level."""
    import asyncio

    with asyncio.Runner() as runner:
        try:
            return runner.run(coroutine)
        except BaseException as error:
            # raised between two steps, it came through no line of the script: it waits at this one
            if coroutine.cr_frame is not None and not hasattr(error, "_line"):
                error._line = coroutine.cr_frame.f_lineno
            raise


def settle():
    """After a script that succeeded: ends its tasks and threads."""
    _end_loop()
    threads = sys.modules.get("_mcm_threads")
    if threads is not None:
        threads.settle()


def _end_loop():
    events = sys.modules.get("asyncio.events")
    policy = events and events._event_loop_policy
    loop = policy and policy._local._loop
    if loop is not None:
        if not loop.is_closed():
            sys.modules["asyncio.runners"]._cancel_all_tasks(loop)
            loop.close()
        policy._local._loop = None
