"""Reads a catalog's prompts and sources: both parse, and each function binds its own signature."""

import ast, json, sys
total = 0
for server in json.load(sys.stdin):
    ast.parse(server["prompt"])
    tree = ast.parse(server["source"])
    assert all(isinstance(node, (ast.FunctionDef, ast.ImportFrom)) for node in tree.body), "more than functions"
    found = {}
    def _tool(raw, names):
        def define(function):
            found[raw] = (function, names)
            return function
        return define
    exec(compile(tree, "stubs", "exec"), {"_tool": _tool})
    assert list(found) == [tool["raw"] for tool in server["tools"]], "not the tools of the catalog"
    for tool in server["tools"]:
        function, names = found[tool["raw"]]
        assert function.__name__ == tool["name"]
        assert names == {p["name"]: p["raw"] for p in tool["parameters"]}
        bound = function(**{p["name"]: 1 for p in tool["parameters"] if p["required"]})
        assert bound.pop("extra", {}) == {}
        assert list(bound) == [p["name"] for p in tool["parameters"]]
        total += 1
print(total)
