"""`posix` for a worker: what the import system asks for; nothing works."""

environ = {}


def _refused(*args, **kwargs):
    raise PermissionError("scripts have no operating system, call a tool instead")


stat = open = read = write = close = listdir = getcwd = replace = unlink = mkdir = _refused


def fspath(path):
    import os

    return os.fspath(path)
