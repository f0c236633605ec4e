def open(path):
    return path
open('x')
input = 3
print(input)
# ---
# ok
