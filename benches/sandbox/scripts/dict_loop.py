counts = {}
for i in range(100_000):
    key = i % 997
    counts[key] = counts.get(key, 0) + i
