try:
    while True:
        pass
finally:
    print("cleared up")
# ---
# code: TIMEOUT
# stdout: cleared up
