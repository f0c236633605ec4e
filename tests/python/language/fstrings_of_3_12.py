# needs Python 3.12
names = ["Ann", "Bob"]
print(f"{", ".join(names)} {f"{f"{1 + 1}"}"} {"\n".join(names)!r} {names[0]!r:>{len("Ann") + 7}}")
print(f"{
    # a comment
    names[1]
}")

# ---
# stdout:
#   Ann, Bob 2 'Ann\nBob'      'Ann'
#   Bob
