chain = iter([1])
for _ in range(1_000_000):
    chain = filter(None, map(abs, chain))
list(chain)
# ---
# flags: --timeout 60 --memory 1024
# code: CRASHED
# line: 4
# message: the script ended the interpreter (stack overflow)
