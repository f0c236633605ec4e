import datetime
import random
import secrets
import time
import uuid

now = datetime.datetime.now(datetime.UTC)
print(now.year >= 2025, abs(now.timestamp() - time.time()) < 5, uuid.uuid4() != uuid.uuid4(), secrets.token_hex() != secrets.token_hex())
print(random.random() != random.random(), len({random.getrandbits(64) for _ in range(100)}))
started = time.perf_counter()
time.sleep(0.05)
print(0.045 < time.perf_counter() - started < 5)

# ---
# stdout:
#   True True True True
#   True 100
#   True
