def f():
    pass

# ---
# result: null
