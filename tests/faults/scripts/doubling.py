bomb = [0]
while True:
    bomb = bomb + bomb
# ---
# flags: --timeout 60
# code: MEMORY_LIMIT
# line: 3
