doc = {"a": {"b": [{"c": 1}, {"c": 2, "d": None}]}}
print(doc.get("a", {}).get("b", [])[1].get("d") or "none", doc.get("z", {}).get("q", "dflt"))
def dig(o, *path):
    for p in path:
        o = o[p] if isinstance(o, list) and isinstance(p, int) and p < len(o) else (o.get(p) if isinstance(o, dict) else None)
        if o is None:
            return None
    return o
print(dig(doc, "a", "b", 0, "c"), dig(doc, "a", "x", 0))

# ---
# stdout:
#   none dflt
#   1 None
