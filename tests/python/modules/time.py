import time

print(time.gmtime(0)[:6], time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(86400)), time.strptime("2024-03-09", "%Y-%m-%d")[:3], time.mktime(time.localtime(1e9)) == 1e9, time.asctime(time.gmtime(0)))
a, m, p = time.time(), time.monotonic(), time.perf_counter_ns()
time.sleep(0.02)
print(time.time() - a >= 0.019, time.monotonic() - m >= 0.019, time.perf_counter_ns() - p >= 19_000_000, time.time() > 1.7e9, time.time_ns() > 10**18, time.process_time() >= 0, time.thread_time() >= 0)

# ---
# stdout:
#   (1970, 1, 1, 0, 0, 0) 1970-01-02 00:00:00 (2024, 3, 9) True Thu Jan  1 00:00:00 1970
#   True True True True True True True
