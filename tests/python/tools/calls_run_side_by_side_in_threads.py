import time
from concurrent.futures import ThreadPoolExecutor
start = time.monotonic()
with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(lambda m: toy.slow(ms=m), [300, 200, 100, 300])))
time.monotonic() - start < 0.8

# ---
# result: true
# stdout:
#   [300, 200, 100, 300]
