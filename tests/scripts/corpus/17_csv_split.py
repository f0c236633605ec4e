raw = """date,city,temp
2024-01-01,Oslo,-5.5
2024-01-02,Oslo,-3
2024-01-01,Rome,12"""
lines = [l.strip().split(",") for l in raw.splitlines()]
head, rows = lines[0], lines[1:]
recs = [dict(zip(head, r)) for r in rows]
cities = sorted({r["city"] for r in recs})
for c in cities:
    ts = [float(r["temp"]) for r in recs if r["city"] == c]
    print(c, min(ts), max(ts), sum(ts) / len(ts))

# ---
# stdout:
#   Oslo -5.5 -3.0 -4.25
#   Rome 12.0 12.0 12.0
