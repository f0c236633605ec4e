rounds = 0
for _ in range(3):
    bomb = []
    try:
        while True:
            bomb.append("x" * 1000 + str(len(bomb)))
    except MemoryError:
        bomb = None
        rounds += 1
print(rounds)
# ---
# flags: --timeout 60
# code: none
# stdout: 3
