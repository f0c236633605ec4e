attempts = 0
def flaky():
    global attempts
    attempts += 1
    if attempts < 3:
        raise RuntimeError(f"try {attempts}")
    return "ok"
for k in range(5):
    try:
        print(flaky()); break
    except RuntimeError as e:
        print("retry:", e)
else:
    print("gave up")

# ---
# stdout:
#   retry: try 1
#   retry: try 2
#   ok
