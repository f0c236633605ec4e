bomb = {}
while True:
    bomb[len(bomb)] = [len(bomb)] * 10
# ---
# flags: --timeout 60
# code: MEMORY_LIMIT
# line: 3 2
