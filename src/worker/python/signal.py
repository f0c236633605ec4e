"""`signal` for a worker: the names that asyncio asks for."""
from enum import IntEnum


class Signals(IntEnum):
    SIGINT = 2
    SIGTERM = 15


class Handlers(IntEnum):
    SIG_DFL = 0
    SIG_IGN = 1


SIGINT, SIGTERM = Signals.SIGINT, Signals.SIGTERM
SIG_DFL, SIG_IGN = Handlers.SIG_DFL, Handlers.SIG_IGN


def default_int_handler(*args):
    raise KeyboardInterrupt


def getsignal(number):
    return SIG_DFL


def signal(number, handler):
    raise ValueError("scripts have no signals")
