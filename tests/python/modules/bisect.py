import bisect

a = [1, 3, 3, 5]
print(bisect.bisect(a, 3), bisect.bisect_left(a, 3), bisect.bisect_right(a, 3), bisect.bisect_left(a, 9), bisect.bisect(a, 3, lo=3), bisect.bisect([(1, "a"), (5, "b")], 2, key=lambda p: p[0]))
bisect.insort(a, 4)
bisect.insort_left(a, 3)
words = ["bb", "a"]
words.sort(key=len)
bisect.insort(words, "ccc", key=len)
print(a, words, "FDCBA"[bisect.bisect([60, 70, 80, 90], 85)])

# ---
# stdout:
#   3 1 3 4 3 1
#   [1, 3, 3, 3, 4, 5] ['a', 'bb', 'ccc'] B
