"""`os` for a worker: names and pure functions, so that the standard library imports.

Nothing here reaches the operating system, because nothing in this process may.
"""
import abc
import stat as st
import sys

name = "posix"
linesep = "\n"
error = OSError
curdir, pardir, sep, altsep, extsep, pathsep = ".", "..", "/", None, ".", ":"
defpath, devnull = "/bin:/usr/bin", "/dev/null"
F_OK, R_OK, W_OK, X_OK = 0, 4, 2, 1
O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND = 0, 1, 2, 64, 128, 512, 1024
SEEK_SET, SEEK_CUR, SEEK_END = 0, 1, 2
environ = {}
supports_dir_fd = supports_effective_ids = supports_fd = supports_follow_symlinks = frozenset()


class PathLike(abc.ABC):
    """What has `__fspath__`."""

    __slots__ = ()

    @abc.abstractmethod
    def __fspath__(self):
        raise NotImplementedError

    @classmethod
    def __subclasshook__(cls, subclass):
        if cls is PathLike:
            return any("__fspath__" in base.__dict__ for base in subclass.__mro__)
        return NotImplemented


def fspath(path):
    if isinstance(path, (str, bytes)):
        return path
    try:
        found = type(path).__fspath__(path)
    except AttributeError:
        raise TypeError(f"expected str, bytes or os.PathLike object, not {type(path).__name__}") from None
    if not isinstance(found, (str, bytes)):
        raise TypeError("expected __fspath__() to return str or bytes")
    return found


def fsencode(path):
    path = fspath(path)
    return path.encode("utf-8", "surrogateescape") if isinstance(path, str) else path


def fsdecode(path):
    path = fspath(path)
    return path.decode("utf-8", "surrogateescape") if isinstance(path, bytes) else path


def urandom(size):
    import _mcm

    return _mcm.urandom(size)


def getenv(key, default=None):
    return default


def getpid():
    return 1


def cpu_count():
    # as many as tool calls shall wait side by side in an executor without a size (8 + 4)
    return 8


process_cpu_count = cpu_count

_REFUSED = frozenset(
    "_exit abort access chdir chmod chown close dup dup2 execv fdopen fstat getcwd get_terminal_size getlogin"
    " getppid getuid isatty kill link listdir lstat makedirs mkdir mkfifo open pipe popen putenv read readlink remove"
    " removedirs rename replace rmdir scandir spawnv stat symlink system truncate umask uname unlink unsetenv utime"
    " waitpid walk write".split()
)


def __getattr__(attribute):
    if attribute not in _REFUSED:
        raise AttributeError(f"module 'os' has no attribute '{attribute}'")

    def refused(*args, **kwargs):
        raise PermissionError(f"os.{attribute}() is not available: scripts have no operating system, call a tool instead")

    return refused


sys.modules.setdefault("os", sys.modules[__name__])
import posixpath as path

sys.modules["os.path"] = path
