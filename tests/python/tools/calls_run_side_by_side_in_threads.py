from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(lambda m: toy.slow(ms=m), [30, 20, 10, 30])))
    print(list(pool.map(lambda _: toy.meet(of=4), range(4))))

# ---
# stdout:
#   [30, 20, 10, 30]
#   [4, 4, 4, 4]
