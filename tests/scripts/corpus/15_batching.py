ids = list(range(23))
for n, i in enumerate(range(0, len(ids), 10), 1):
    chunk = ids[i:i + 10]
    print(f"batch {n}: {chunk[0]}..{chunk[-1]} ({len(chunk)})")

# ---
# stdout:
#   batch 1: 0..9 (10)
#   batch 2: 10..19 (10)
#   batch 3: 20..22 (3)
