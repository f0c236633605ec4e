bomb = []
while True:
    bomb.append("x" * 1000 + str(len(bomb)))
# ---
# flags: --timeout 60
# code: MEMORY_LIMIT
# line: 3 2
# message: MemoryError: the script used up its memory (`--memory`)
