toy.raw("7", from_=None)

# ---
# result: {"x-id": "7"}
