answer(None)

# ---
# result: null
# answered: true
