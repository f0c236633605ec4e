import re

data = ["id=1", "none", "id=22"]
print([m.group(1) for text in data if (m := re.search(r"id=(\d+)", text))])
numbers = iter([3, 2, 1, 0, 9])
total = 0
while (n := next(numbers)) > 0:
    total += n
print(total, n)
if (length := len(data)) > 2:
    print(f"{length} items {(half := length / 2):.1f} {half}")


def f():
    if any((found := text).startswith("n") for text in data):
        return found


print(f())

# ---
# stdout:
#   ['1', '22']
#   6 0
#   3 items 1.5 1.5
#   none
