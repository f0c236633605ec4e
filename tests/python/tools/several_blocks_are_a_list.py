blocks = toy.blocks()
[len(blocks), blocks[0], blocks[1]["a"], blocks[2].size]

# ---
# result: [3, "hello", {"b": 1}, 4]
