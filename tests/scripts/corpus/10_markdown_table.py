rows = [("apple", 3, 1.5), ("pear", 10, 0.25)]
print("| name | qty | total |\n|---|---|---|")
for name, q, p in rows:
    print(f"| {name.title()} | {q} | {q * p:.2f} |")
print("-" * 20 + "\n" + ", ".join(sorted(r[0] for r in rows)))

# ---
# stdout:
#   | name | qty | total |
#   |---|---|---|
#   | Apple | 3 | 4.50 |
#   | Pear | 10 | 2.50 |
#   --------------------
#   apple, pear
