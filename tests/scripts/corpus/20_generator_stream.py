def chunks(xs, n):
    for i in range(0, len(xs), n):
        yield xs[i:i + n]
for c in chunks("abcdefg", 3):
    print(c)
total = sum(len(c) for c in chunks(list(range(7)), 2))
print(total)

# ---
# stdout:
#   abc
#   def
#   g
#   7
