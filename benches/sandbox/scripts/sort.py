numbers = [(i * 7919) % 100_003 for i in range(60_000)]
sorted(numbers)
sorted(numbers, key=lambda n: -n)
sorted([str(n) for n in numbers])
