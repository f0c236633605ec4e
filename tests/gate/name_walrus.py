print([y := 1, (open := 2)])
open
def f():
    [(input := x) for x in range(3)]
    return input
# ---
# ok
