import copy

a = {"x": [1, [2]], "t": (1, [3])}
shallow, deep = copy.copy(a), copy.deepcopy(a)
a["x"][1].append(9)
print(shallow, deep, shallow["x"] is a["x"], deep["x"] is a["x"])
loop = [1]
loop.append(loop)
again = copy.deepcopy(loop)
print(again[1] is again, copy.copy((1, 2)))

# ---
# stdout:
#   {'x': [1, [2, 9]], 't': (1, [3])} {'x': [1, [2]], 't': (1, [3])} True False
#   True (1, 2)
