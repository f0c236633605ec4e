import math
xs = [3.0, 4.5, 10.25]
mean = sum(xs) / len(xs)
sd = math.sqrt(sum((x - mean) ** 2 for x in xs) / (len(xs) - 1))
print(round(mean, 3), round(sd, 3), sorted(xs)[len(xs) // 2], math.ceil(mean), f"{xs[0] / xs[2]:.1%}")

# ---
# stdout:
#   5.917 3.827 4.5 6 29.3%
