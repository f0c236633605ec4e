"""What surrounds a script: its builtins, its output, the end of its tasks and threads.

- `answer` ends a script from a task or a thread, too.
- After a script that succeeded no thread but the main one is left, so the process can be forked.
"""
import builtins
import functools
import io
import json
import sys
import threading
import warnings

import _mcm
import _mcm_tools
import _mcm_values

_MAIN = threading.main_thread()
_JOIN_SECONDS = 5
_MAX_SHOWN = 10_000


class Answered(SystemExit):
    """Unwinds a script that has answered; a kind that tasks and threads pass on or end by."""


def answer(value):
    """Ends the script; `value` is the answer to the task."""
    _mcm.answer(value)
    if threading.current_thread() is not _MAIN:
        _mcm.interrupt(Answered())
    raise Answered()


class _Output(io.TextIOBase):
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


@functools.wraps(_python_print)
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


def _refuse(name, advice):
    def refused(*args, **kwargs):
        raise PermissionError(f"{name}() is not available to scripts: {advice}")

    refused.__name__ = refused.__qualname__ = name
    return refused


OURS = {
    "answer": answer,
    "ToolError": _mcm_tools.ToolError,
    "ToolDenied": _mcm_tools.ToolDenied,
    "Artifact": _mcm_values.Artifact,
    "tools": _mcm_tools.tools,
}


def set_up():
    """Once per interpreter: builtins, output, the two functions of the library that differ here."""
    answer.__module__ = _print.__module__ = _quit.__module__ = "builtins"
    sys.stdout = sys.__stdout__ = _Output(1)
    sys.stderr = sys.__stderr__ = _Output(2)
    sys.argv = [""]
    warnings.simplefilter("ignore", DeprecationWarning)
    builtins.__dict__.update(OURS)
    builtins.print = _print
    builtins.quit = builtins.exit = _quit
    builtins.input = _refuse("input", "nobody is there to type; what the task needs is in its text and its variables")
    builtins.open = io.open = _refuse("open", "there are no files here; read and write them with a tool of a server")
    builtins.breakpoint = _refuse("breakpoint", "there is no debugger; print what you want to see")
    builtins.help = _help
    json.loads = _mcm_values.loads(json.loads)
    threading.excepthook = _thread_ended
    threading._start_joinable_thread = _start_thread


_excepthook = threading.excepthook
_start_joinable_thread = threading._start_joinable_thread
_started = []


def _start_thread(function, handle, daemon):
    for ended in [other for other in _started if other.is_done()]:
        ended.join()
        _started.remove(ended)
    _started.append(handle)
    return _start_joinable_thread(function, handle=handle, daemon=daemon)


def _thread_ended(args):
    if not issubclass(args.exc_type, SystemExit):
        _excepthook(args)


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


def begin(variables):
    """Before each script: our own names and the output are what they were."""
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    for name in OURS:
        variables.pop(name, None)


def display(value):
    """Prints the value of a last expression as Python's own prompt does."""
    if value is not None:
        text = repr(value)
        more = len(text) - _MAX_SHOWN
        _print(text if more <= 0 else f"{text[:_MAX_SHOWN]}… ({more:,} more characters)")


def drive(coroutine):
    """Runs a script that has `await` at its top level."""
    import asyncio

    return asyncio.run(coroutine)


def settle():
    """After a script that succeeded: ends its tasks and threads."""
    _end_loop()
    if not _started:
        return
    _end_executors()
    for thread in threading.enumerate():
        if thread is not _MAIN:
            thread.join(_JOIN_SECONDS if thread.daemon else None)
            if thread.is_alive():
                raise RuntimeError(f"thread {thread.name!r} was still running when the script had ended")
    # a thread that Python counts as ended may still be on its way out of the system
    while _started:
        _started.pop().join()


def _end_loop():
    events = sys.modules.get("asyncio.events")
    policy = events and events._event_loop_policy
    loop = policy and policy._local._loop
    if loop is not None:
        if not loop.is_closed():
            sys.modules["asyncio.runners"]._cancel_all_tasks(loop)
            loop.close()
        policy._local._loop = None


def _end_executors():
    module = sys.modules.get("concurrent.futures.thread")
    if module is None:
        return
    # a thread of an executor is started with a weak reference to it
    starts = [getattr(thread, "_args", None) for thread in [*module._threads_queues]]
    found = [start[0]() for start in starts if start]
    ended = {executor for executor in found if executor is not None and not executor._shutdown}
    for executor in ended:
        _cancel(executor._work_queue)
    module._shutdown = True
    try:
        for thread, queue in [*module._threads_queues.items()]:
            queue.put(None)
            thread.join()
    finally:
        module._shutdown = False
    module._threads_queues.clear()
    for executor in ended:
        executor._shutdown = False
        executor._threads.clear()
        executor._idle_semaphore = threading.Semaphore(0)
        _cancel(executor._work_queue)


def _cancel(queue):
    while not queue.empty():
        item = queue.get_nowait()
        if item is not None:
            item.future.cancel()
