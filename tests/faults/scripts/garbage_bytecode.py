def f():
    return 1
f.__code__ = f.__code__.replace(co_code=bytes([255, 254, 253, 252] * 20))
f()
# ---
# code: CRASHED RUNTIME_ERROR TIMEOUT MEMORY_LIMIT
