x = "a" * 10**12

# ---
# code: MEMORY_LIMIT
# line: 1
# message: MemoryError
