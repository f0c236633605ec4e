numbers = range(10**12)
sum(numbers)
# ---
# code: TIMEOUT
# line: 2
# message: the script used up its 1 s (`--timeout`)
