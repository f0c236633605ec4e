users = [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}]
orders = [{"user": 1, "amt": 30.0}, {"user": 2, "amt": 12.5}, {"user": 1, "amt": 7.5}]
names = {u["id"]: u["name"] for u in users}
totals = {}
for o in orders:
    totals[names[o["user"]]] = totals.get(names[o["user"]], 0) + o["amt"]
best = max(totals, key=totals.get)
print(totals, best, round(sum(totals.values()) / len(totals), 2))

# ---
# stdout:
#   {'Ann': 37.5, 'Bob': 12.5} Ann 25.0
