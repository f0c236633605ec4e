"a" * 10**11
# ---
# code: MEMORY_LIMIT
# line: 1
