import json

rows = [{"id": i, "name": f"row {i}", "tags": ["a", "b"], "price": i * 1.5} for i in range(3_000)]
for _ in range(3):
    rows = json.loads(json.dumps(rows))
