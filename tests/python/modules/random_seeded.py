import random

random.seed(42)
print(random.random(), random.randint(1, 100), random.choice("abcdef"), random.uniform(1, 2), random.gauss(0, 1), random.randrange(0, 100, 5), random.getrandbits(40))
items = list(range(8))
random.shuffle(items)
print(items, random.sample(range(100), 4), random.choices("ab", weights=[1, 9], k=5), random.expovariate(1), random.triangular(0, 1), random.betavariate(1, 2))
r = random.Random("text")
state = r.getstate()
first = r.random()
r.setstate(state)
print(first == r.random(), random.Random(7).randbytes(4), 0 <= random.SystemRandom().random() < 1, random.Random(1).normalvariate(5, 2))
try:
    random.choice([])
except IndexError as error:
    print("IndexError")

# ---
# stdout:
#   0.6394267984578837 4 f 1.2750293183691193 0.2735990065583831 85 648913461122
#   [3, 2, 4, 1, 5, 7, 0, 6] [71, 25, 91, 83] ['b', 'b', 'b', 'b', 'b'] 1.4221593582513252 0.28254142738445465 0.32279373085628066
#   True b'8\xb4\xe6R' True 6.214911715287412
#   IndexError
