def normalise(s: str) -> str:
    return " ".join(s.lower().split())
def dedupe(xs: list[str]) -> list[str]:
    seen: set[str] = set()
    out = []
    for x in xs:
        k = normalise(x)
        if k not in seen:
            seen.add(k)
            out.append(x.strip())
    return out
print(dedupe(["Hello  World", "hello world", " Foo "]))

# ---
# stdout:
#   ['Hello  World', 'Foo']
