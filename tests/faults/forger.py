"""A worker that obeys until it is to run a script, and then does what its mode says.

It is started as the worker is: frames come on standard input, and standard output closes when `mcm` is gone.
"""
import array
import json
import os
import signal
import socket
import struct
import time

MODE = "@MODE@"


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
    return json.loads(data[:head]), list(descriptors)


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
    elif MODE == "arguments":
        body = b'{"value":"' + b"x" * (32 << 20) + b'"}'
        for number in range(100):
            link.sendall(frame({"type": "call", "id": number, "server": "s", "tool": "t", "line": 7, "blocked": None}, body))
    time.sleep(600)


def serve(link):
    while True:
        head, descriptors = read(link)
        kind = head if isinstance(head, str) else head["type"]
        if kind == "fork":
            child = os.fork()
            if child == 0:
                link = socket.socket(fileno=descriptors[0])
            else:
                for descriptor in descriptors:
                    os.close(descriptor)
                link.sendall(frame({"type": "forked", "pid": child}))
        elif kind == "begin":
            link.sendall(frame({"type": "begun", "layers": []}))
        elif kind == "interface":
            link.sendall(frame({"type": "interface_ready", "error": None}))
        elif kind == "reap":
            link.sendall(frame({"type": "reaped", "status": os.waitpid(head["pid"], 0)[1]}))
        elif kind == "run":
            misbehave(link)


signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
os.close(1)
serve(socket.socket(fileno=0))
