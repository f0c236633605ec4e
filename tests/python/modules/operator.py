import operator as op

print(op.itemgetter(1, 0)("ab"), op.itemgetter("k")({"k": 1}), op.attrgetter("real", "imag")(3 + 4j), op.methodcaller("upper")("a"), op.add(1, 2), op.mul(2, 3), op.contains([1], 1), op.not_(0), op.truth([]), op.countOf([1, 1], 1), op.concat("a", "b"), op.index(5), op.lt(1, 2), op.iadd([1], [2]), op.attrgetter("__class__.__name__")(1))
print(sorted([{"n": 2}, {"n": 1}], key=op.itemgetter("n")), max([(1, "b"), (1, "a")], key=op.itemgetter(1)), op.length_hint([1, 2]), op.xor(5, 3))

# ---
# stdout:
#   ('b', 'a') 1 (3.0, 4.0) A 3 6 True True False 2 ab 5 True [1, 2] int
#   [{'n': 1}, {'n': 2}] (1, 'b') 2 6
