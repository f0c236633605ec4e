import heapq

h = [5, 1, 4]
heapq.heapify(h)
heapq.heappush(h, 0)
print(heapq.heappop(h), h[0], heapq.heappushpop(h, 9), heapq.heapreplace(h, 2), sorted(h), heapq.nlargest(2, [3, 1, 4, 1, 5]), heapq.nsmallest(2, ["bb", "a", "ccc"], key=len), list(heapq.merge([1, 4], [2, 3], [0])), list(heapq.merge([3, 1], [2], reverse=True)))
tasks = []
for item in [(2, "b"), (1, "a"), (3, "c")]:
    heapq.heappush(tasks, item)
print([heapq.heappop(tasks)[1] for _ in range(3)])

# ---
# stdout:
#   0 1 1 4 [2, 5, 9] [5, 4] ['a', 'bb'] [0, 1, 2, 3, 4] [3, 2, 1]
#   ['a', 'b', 'c']
