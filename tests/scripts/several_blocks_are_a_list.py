toy.blocks()[:2]

# ---
# result: ["hello", {"a": {"b": 1}}]
