"""The MCP server `toy` that the scripts in tests/python/tools call; its tools are described in tests/python.rs.

Calls are answered side by side, each when it is done.
"""
import base64
import json
import os
import sys
import threading
import time

ANY = {"type": "object"}
TOOLS = {
    "echo": {"type": "object", "properties": {"value": {}}, "required": ["value"]},
    "add": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer", "default": 1}},
        "required": ["a"],
    },
    "raw": {
        "type": "object",
        "properties": {"x-id": {}, "from": {"type": "string"}},
        "required": ["x-id"],
        "additionalProperties": True,
    },
    "slow": {"type": "object", "properties": {"ms": {"type": "integer"}, "mark": {"type": "string"}}, "required": ["ms"]},
    "meet": {"type": "object", "properties": {"of": {"type": "integer"}}, "required": ["of"]},
    "fail": {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]},
    "json-text": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    "blocks": ANY,
    "image": ANY,
    "cancelled": {"type": "object", "properties": {"wanted": {"type": "integer"}}, "required": ["wanted"]},
    "giant": {"type": "object", "properties": {"mib": {"type": "integer"}, "kind": {"type": "string"}}, "required": ["mib"]},
    "peak": ANY,
}
PNG = {"type": "image", "mimeType": "image/png", "data": base64.b64encode(b"\x89PNG").decode()}
writing = threading.Lock()
cancelled = threading.Semaphore(0)
meetings = {}


def send(message):
    with writing:
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def text(value):
    return {"content": [{"type": "text", "text": value}]}


def structured(value):
    return {"content": [], "structuredContent": value}


def giant(size, kind):
    if kind == "text":
        return text("x" * size)
    if kind == "numbers":
        return structured([1] * (size // 3))
    rows = [{"name": "x" * 900, "n": 1.5, "on": True}] * (size // 930)
    return {**text(json.dumps(rows)), "structuredContent": rows} if kind == "both" else structured(rows)


def peak():
    """The most memory that whoever started this server has held, in KiB."""
    with open(f"/proc/{os.getppid()}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def call(name, arguments):
    if name == "echo":
        return structured(arguments["value"])
    if name == "add":
        return structured(arguments["a"] + arguments.get("b", 1))
    if name == "raw":
        return structured(arguments)
    if name == "slow":
        if "mark" in arguments:
            open(arguments["mark"], "w").close()
        time.sleep(arguments["ms"] / 1000)
        return structured(arguments["ms"])
    if name == "meet":
        # waits until so many calls are there at once; whoever comes one by one waits in vain
        with writing:
            meeting = meetings.setdefault(arguments["of"], threading.Barrier(arguments["of"], timeout=30))
        meeting.wait()
        return structured(arguments["of"])
    if name == "fail":
        return {**text(arguments["message"]), "isError": True}
    if name == "json-text":
        return text(arguments["text"])
    if name == "giant":
        return giant(arguments["mib"] << 20, arguments.get("kind"))
    if name == "peak":
        return structured(peak())
    if name == "blocks":
        link = {"type": "resource_link", "uri": "toy:1", "name": "one", "a": {"b": 1}}
        return {"content": [{"type": "text", "text": "hello"}, link, PNG]}
    if name == "cancelled":
        # waits for as many as shall be
        for _ in range(arguments["wanted"]):
            cancelled.acquire()
        return structured(arguments["wanted"])
    return {"content": [PNG]}


def answer(request):
    method, params = request["method"], request.get("params", {})
    if method == "initialize":
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "toy", "version": "1"},
        }
    if method == "tools/list":
        return {"tools": [{"name": name, "inputSchema": schema} for name, schema in TOOLS.items()]}
    if method == "tools/call":
        return call(params["name"], params.get("arguments", {}))
    return None


def handle(request):
    result = answer(request)
    if result is None:
        send({"id": request["id"], "error": {"code": -32601, "message": "no such method"}})
    else:
        send({"id": request["id"], "result": result})


for line in sys.stdin:
    request = json.loads(line)
    if "id" in request and "method" in request:
        threading.Thread(target=handle, args=(request,), daemon=True).start()
    elif request.get("method") == "notifications/cancelled":
        cancelled.release()
