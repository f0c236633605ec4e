"""An MCP server over standard input and output that lists the tools of a file and gives back what it is called with.

The file is {"tools": [...]}, or a list of {"tool": ...}; it may be compressed.
"""
import gzip
import json
import sys

path = sys.argv[1]
with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
    listed = json.load(file)
tools = listed["tools"] if isinstance(listed, dict) else [case["tool"] for case in listed]
answers = {
    "initialize": lambda params: {
        "protocolVersion": params["protocolVersion"],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "lists", "version": "1"},
    },
    "ping": lambda params: {},
    "tools/list": lambda params: {"tools": tools},
    "tools/call": lambda params: {
        "content": [
            {"type": "text", "text": json.dumps({"name": params["name"], "arguments": params.get("arguments", {})})}
        ]
    },
}
for line in sys.stdin:
    message = json.loads(line)
    if "id" in message and "method" in message:
        reply = {"jsonrpc": "2.0", "id": message["id"]}
        answer = answers.get(message["method"])
        if answer:
            reply["result"] = answer(message.get("params", {}))
        else:
            reply["error"] = {"code": -32601, "message": "no such method"}
        print(json.dumps(reply), flush=True)
