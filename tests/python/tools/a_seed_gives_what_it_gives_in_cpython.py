import random
random.seed(42)
random.random()

# ---
# result: 0.6394267984578837
