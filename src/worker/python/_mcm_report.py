"""How an exception is told to the model: a traceback of the script's own lines, and a hint."""
import builtins
import difflib
import traceback

import _mcm_tools
import _mcm_values

_LINE = 500
_MESSAGE = 4000
_CHAIN = 50
_ALLOWED = ()
_cut_off = []


def describe(error, name):
    """Code, message, line and hint for an exception that a script did not catch."""
    return _code(error), _message(error), _line(error, name), _hint(error)


def _code(error):
    if isinstance(error, _mcm_tools.ToolError):
        return "TOOL_ERROR"
    if isinstance(error, MemoryError):
        return "MEMORY_LIMIT"
    if isinstance(error, BaseExceptionGroup):
        codes = {_code(inner) for inner in error.exceptions}
        return codes.pop() if len(codes) == 1 else "RUNTIME_ERROR"
    return "RUNTIME_ERROR"


def _cut(error):
    """Ends a chain of causes that nobody would read. What is cut off is kept: to let go of it overflows the stack."""
    for _ in range(_CHAIN):
        error = error.__cause__ or error.__context__
        if error is None:
            return
    _cut_off.append((error.__cause__, error.__context__))
    error.__cause__ = error.__context__ = None


def _message(error):
    _cut(error)
    shown = traceback.TracebackException(type(error), error, error.__traceback__, compact=True, max_group_width=5)
    _only_script(shown, set())
    if type(error) is AttributeError and "Did you mean" in str(error):
        shown._str = str(error)
    lines = []
    for chunk in shown.format():
        lines += [line if len(line) <= _LINE else line[:_LINE] + " …" for line in chunk.removesuffix("\n").split("\n")]
    text = "\n".join(lines)
    if len(text) <= _MESSAGE:
        return text
    return f"{text[: _MESSAGE // 4]}\n… {len(text) - _MESSAGE} characters cut …\n{text[-_MESSAGE * 3 // 4 :]}"


def _only_script(shown, seen):
    if shown is None or id(shown) in seen:
        return
    seen.add(id(shown))
    if shown.stack is not None:
        shown.stack[:] = [frame for frame in shown.stack if frame.filename.startswith("<script ")]
    _only_script(shown.__cause__, seen)
    _only_script(shown.__context__, seen)
    for inner in shown.exceptions or ():
        _only_script(inner, seen)


def _line(error, name):
    if isinstance(error, SyntaxError) and error.filename == name:
        return error.lineno
    line, step = getattr(error, "_line", None), error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == name:
            line = step.tb_lineno
        step = step.tb_next
    if line is None and isinstance(error, BaseExceptionGroup):
        return next((found for found in (_line(inner, name) for inner in error.exceptions) if found), None)
    return line


def _hint(error):
    if isinstance(error, BaseExceptionGroup):
        return next((hint for hint in map(_hint, error.exceptions) if hint), None)
    given = getattr(error, "_hint", None)
    if isinstance(given, str):
        return given
    try:
        text = str(error)
    except Exception:
        return None
    match error:
        case _mcm_values._MissingKey():
            return _mcm_values._keys(error._found)
        case ModuleNotFoundError():
            return f"these modules can be imported: {' '.join(_ALLOWED)}"
        case ImportError() if error.name == "tools":
            return f"the servers are {', '.join(_mcm_tools.servers) or 'none'}"
        case NameError() if error.name:
            near = difflib.get_close_matches(error.name, [*_mcm_tools.servers, *_ALLOWED, *dir(builtins)], 2, 0.75)
            if error.name in _ALLOWED:
                return f"`import {error.name}` first"
            return f"did you mean {' or '.join(f'`{other}`' for other in near)}?" if near else None
        case _mcm_tools.ToolDenied():
            return None
        case PermissionError() if "tool" in text:
            return "read and write files with the tools of a server"
        case AttributeError() if "`.text`" in text:
            return "use the value as it is, or its `.text`"
        case TypeError() if "object can't be awaited" in text:
            return "a tool is awaited as `await server.tool.aio(…)`; without `.aio` it gives its result at once"
        case TypeError() if "'coroutine' object" in text or "a coroutine" in text:
            return "put `await` before the call"
        case TypeError() if "not supported between instances of 'ToolDict'" in text:
            return "compare and sort objects by one of their values: `key=lambda item: item[…]`"
        case TypeError() if "JsonDict" in text or "JsonList" in text or "ToolDict" in text:
            return "the result is already parsed JSON; its exact text, if it was text, is `.text`"
        case TypeError() if "object is not callable" in text:
            return "a variable of the script may have the name of the function"
    return None
