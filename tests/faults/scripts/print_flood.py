while True:
    print("x" * 100_000)
# ---
# flags: --timeout 60
# code: OUTPUT_LIMIT
# line: 2 1
