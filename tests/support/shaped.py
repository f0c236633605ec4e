"""An MCP server that is what the file `shaped.json` of its folder says: `version`, and `tools` by name, each with the
`schema` of its arguments, what it `declares` of its results, and its `results`, of which a call gives number `n`."""
import json
import sys

with open("shaped.json") as file:
    IS = json.load(file)


def listed(name, tool):
    declared = {"outputSchema": tool["declares"]} if "declares" in tool else {}
    return {"name": name, "inputSchema": tool.get("schema", {"type": "object"}), **declared}


def answer(request):
    method, params = request["method"], request.get("params", {})
    if method == "initialize":
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "shaped", "version": IS.get("version", "1")},
        }
    if method == "tools/list":
        return {"tools": [listed(name, tool) for name, tool in IS["tools"].items()]}
    if method == "tools/call":
        return IS["tools"][params["name"]]["results"][params.get("arguments", {}).get("n", 0)]
    return {}


for line in sys.stdin:
    request = json.loads(line)
    if "id" in request and "method" in request:
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": answer(request)}), flush=True)
