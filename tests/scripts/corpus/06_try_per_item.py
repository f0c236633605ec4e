rows = ["10", "x", None, "7"]
ok, bad = [], []
for r in rows:
    try:
        ok.append(int(r))
    except (ValueError, TypeError) as e:
        bad.append(f"{r!r}: {type(e).__name__}")
print(sum(ok), bad)

# ---
# stdout:
#   17 ["'x': ValueError", 'None: TypeError']
