"""`socket` for a worker: the names that asyncio asks for; no sockets."""

error = OSError
timeout = TimeoutError
AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6 = 0, 1, 2, 10
SOCK_STREAM, SOCK_DGRAM = 1, 2
IPPROTO_TCP, IPPROTO_IPV6, TCP_NODELAY = 6, 41, 1
AI_PASSIVE, AI_NUMERICHOST, AI_ADDRCONFIG, NI_NUMERICHOST, SHUT_RDWR, SHUT_WR, SOMAXCONN = 1, 4, 32, 1, 2, 1, 128
SOL_SOCKET, SO_REUSEADDR, SO_KEEPALIVE = 1, 2, 9
has_ipv6 = False
_GLOBAL_DEFAULT_TIMEOUT = object()


class gaierror(OSError):
    pass


class herror(OSError):
    pass


def _refused(*args, **kwargs):
    raise PermissionError("scripts have no network, call a tool instead")


class socket:
    def __init__(self, *args, **kwargs):
        _refused()


socketpair = create_connection = getaddrinfo = gethostbyname = getnameinfo = getfqdn = gethostname = _refused
