bomb = bytearray()
while True:
    bomb += bytes(1_000_000)
# ---
# flags: --timeout 60
# code: MEMORY_LIMIT
# line: 3 2
