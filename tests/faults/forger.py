"""A worker that obeys until it is to run a script, and then does what its mode says.

It is started as the worker is: frames come on standard input, and standard output closes when `mcm` is gone.
A script `obey` succeeds, a script `fail` fails, and all others misbehave.
"""
import array
import ctypes
import json
import os
import signal
import socket
import struct
import time

MODE = "@MODE@"
FOLDER = "@FOLDER@"
KINDS = ["user_namespace", "network_namespace", "privileges", "files", "system_calls", "forks"]
# a system that does not ask about forks
FREE = MODE == "lies"
LAYERS = [] if MODE == "no layers" else [{"kind": kind, "missing": None} for kind in KINDS if not FREE or kind != "forks"]
# a zygote's depth is 0, a template's 1, that of a session's root 2
depth = 0
forks = 0


def read(link):
    prefix, ancillary, _, _ = link.recvmsg(8, socket.CMSG_SPACE(8))
    if not prefix:
        os._exit(0)
    while len(prefix) < 8:
        prefix += link.recv(8 - len(prefix))
    head, body = struct.unpack("<II", prefix)
    data = b""
    while len(data) < head + body:
        data += link.recv(head + body - len(data))
    descriptors = array.array("i")
    for _, _, sent in ancillary:
        descriptors.frombytes(sent)
    return json.loads(data[:head]), data[head:], list(descriptors)


def frame(head, body=b""):
    head = json.dumps(head).encode()
    return struct.pack("<II", len(head), len(body)) + head + body


def misbehave(link):
    if MODE == "garbage":
        link.sendall(bytes(range(256)) * 64)
    elif MODE == "no json":
        link.sendall(struct.pack("<II", 4, 0) + b"{{{{")
    elif MODE == "long head":
        link.sendall(struct.pack("<II", 2**31, 0))
    elif MODE == "long body":
        head = b'{"type":"output","stream":"stdout"}'
        link.sendall(struct.pack("<II", len(head), 2**32 - 1) + head)
    elif MODE == "announced":
        # much is announced and little comes
        head = b'{"type":"output","stream":"stdout"}'
        link.sendall(struct.pack("<II", len(head), 60 << 20) + head)
    elif MODE == "wrong frame":
        link.sendall(frame({"type": "forked", "pid": 1}))
    elif MODE == "no result":
        link.sendall(frame({"type": "finished", "answered": True, "diagnostics": None}, b"{ no JSON"))
    elif MODE == "wakes":
        while True:
            link.sendall(frame({"type": "wake"}) * 1000)
    elif MODE == "blocked":
        # nothing was asked that could be waited for
        link.sendall(frame({"type": "blocked", "replies": 0}))
    elif MODE == "stderr":
        while True:
            os.write(2, b"\1script alive x\n" * 1000)
    elif MODE == "names":
        for names in [("s" * 2000, "t"), ("s", "t" * 2000)]:
            call = {"type": "call", "id": 1, "server": names[0], "tool": names[1], "line": None, "blocked": None}
            link.sendall(frame(call, b"{}"))
            reply = read(link)[0]
        link.sendall(frame({"type": "finished", "answered": True, "diagnostics": None}, json.dumps(reply).encode()))
    elif MODE == "arguments":
        body = b'{"value":"' + b"x" * (12 << 20) + b'"}'
        for number in range(100):
            link.sendall(frame({"type": "call", "id": number, "server": "s", "tool": "t", "line": 7, "blocked": None}, body))
    time.sleep(600)


def run(link, script):
    trouble = {"code": "RUNTIME_ERROR", "rule": None, "message": "as ordered", "line": 1, "hint": None}
    if script in (b"obey", b"fail"):
        with open(f"{FOLDER}/{script.decode()}", "w") as file:
            file.write(str(os.getpid()))
        link.sendall(frame({"type": "finished", "answered": False, "diagnostics": trouble if script == b"fail" else None}))
    else:
        misbehave(link)


def fork(link, descriptors):
    """The socket of whoever comes back."""
    global depth, forks
    forks += 1
    if MODE == f"refuses {depth} {forks}":
        link.sendall(frame({"type": "forked", "pid": 0}))
        return link
    if MODE == "lies" and depth >= 2:
        with open(f"{FOLDER}/named", "w") as file:
            file.write(str(os.getppid()))
        link.sendall(frame({"type": "forked", "pid": os.getppid()}))
        return link
    if MODE == "silent" and depth >= 2:
        time.sleep(600)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if MODE in ("stray", "orphan") and depth >= 3:
            with open(f"{FOLDER}/stray.part", "w") as file:
                file.write(str(os.getpid()))
            os.rename(f"{FOLDER}/stray.part", f"{FOLDER}/stray")
            time.sleep(600)
        depth, forks = depth + 1, 0
        if descriptors[1:]:
            os.dup2(descriptors[1], 2)
        return socket.socket(fileno=descriptors[0])
    for descriptor in descriptors:
        os.close(descriptor)
    if MODE == "orphan" and depth >= 3:
        os._exit(0)
    link.sendall(frame({"type": "forked", "pid": child}))
    return link


def serve(link):
    while True:
        head, body, descriptors = read(link)
        kind = head if isinstance(head, str) else head["type"]
        if kind == "fork":
            link = fork(link, descriptors)
        elif kind == "begin":
            # whoever listens there hears nothing
            socket.send_fds(link, [frame({"type": "begun", "layers": LAYERS})], [] if FREE else [os.pipe()[0]])
        elif kind == "interface":
            link.sendall(frame({"type": "interface_ready", "error": None}))
        elif kind == "reap" and MODE == "silent to reap":
            time.sleep(600)
        elif kind == "reap":
            link.sendall(frame({"type": "reaped", "status": os.waitpid(head["pid"], 0)[1]}))
        elif kind == "run":
            run(link, body)


signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
# orphans come to it, as to the watcher (PR_SET_CHILD_SUBREAPER)
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.close(1)
serve(socket.socket(fileno=0))
