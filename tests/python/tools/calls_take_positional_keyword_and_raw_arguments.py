print(toy.add(1, 4), toy.add(a=1), tools.call("toy", "add", a=2, b=2))
toy.raw(**{"x-id": "7", "from": "a", "more": [1]})

# ---
# result: {"x-id": "7", "from": "a", "more": [1]}
# answered: false
# stdout:
#   5 2 4
