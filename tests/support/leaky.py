"""An MCP server that says its secret, the variable LEAK, in every place where a server can say something."""
import base64
import json
import os
import sys
import urllib.parse

SECRET = os.environ["LEAK"]
FORMS = {
    "plain": SECRET,
    "base64": base64.b64encode(b"user:" + SECRET.encode()).decode(),
    "urlsafe": base64.urlsafe_b64encode(b"u:" + SECRET.encode() + b"?").decode().rstrip("="),
    "percent": urllib.parse.quote(SECRET, safe=""),
    "form": urllib.parse.quote_plus(SECRET).lower(),
    "json": json.dumps(SECRET),
}
TELL = {
    "name": "tell",
    "title": f"Tells {SECRET}",
    "description": f"Tells {SECRET}, or {FORMS['base64']}",
    "inputSchema": {
        "type": "object",
        "properties": {"form": {"type": "string", "description": SECRET, "default": FORMS["percent"]}},
    },
    "annotations": {"readOnlyHint": True},
}
FAIL = {"name": "fail", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}}
LOG = {"name": "log", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}}
DIE = {"name": "die", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}}


def call(name, arguments):
    if name == "die":
        print("the last words are", SECRET, FORMS["urlsafe"], file=sys.stderr, flush=True)
        os._exit(3)
    if name == "log":
        for said in FORMS.values():
            log = {"level": "warning", "logger": SECRET, "data": {"said": said}}
            print(json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": log}), flush=True)
        return {"content": []}
    if name == "fail":
        return {"isError": True, "content": [{"type": "text", "text": f"refused: {FORMS['plain']} {FORMS['form']}"}]}
    return {"content": [{"type": "text", "text": FORMS[arguments.get("form", "plain")]}]}


for line in sys.stdin:
    request = json.loads(line)
    if "id" not in request:
        continue
    method, params = request["method"], request.get("params", {})
    result = {}
    if method == "initialize":
        info = {"name": "leaky", "version": "1"}
        result = {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}, "logging": {}}, "serverInfo": info}
    elif method == "tools/list":
        result = {"tools": [TELL, FAIL, LOG, DIE]}
    elif method == "tools/call":
        result = call(params["name"], params.get("arguments", {}))
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)
