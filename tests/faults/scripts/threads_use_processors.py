from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    list(pool.map(lambda n: sum(range(10**12)), range(4)))
# ---
# code: TIMEOUT
