from itertools import *

print(list(chain("ab", [1])), list(chain.from_iterable([[1], [2, 3]])), list(islice(count(10, 5), 3)), list(islice(cycle("ab"), 5)), list(repeat(7, 2)), list(islice("abcdef", 1, None, 2)))
print(list(accumulate([1, 2, 3, 4])), list(accumulate([3, 1, 2], max)), list(accumulate([1, 2], initial=10)), list(compress("abc", [1, 0, 1])), list(dropwhile(lambda n: n < 3, [1, 3, 2])), list(takewhile(lambda n: n < 3, [1, 2, 3, 1])), list(filterfalse(bool, [0, 1, 2, 0])))
print([(k, list(g)) for k, g in groupby(sorted(["apple", "bob", "avocado", "beer"]), key=lambda w: w[0])], list(zip_longest("ab", [1], fillvalue="-")), list(starmap(pow, [(2, 3), (3, 2)])), list(pairwise([1, 2, 3])))
print(list(product("ab", [1, 2])), len(list(product(range(3), repeat=3))), list(permutations([1, 2, 3], 2)), list(combinations("abcd", 2)), list(combinations_with_replacement("ab", 2)))
a, b = tee(iter([1, 2, 3]))
next(a)
print(list(a), list(b))

# ---
# stdout:
#   ['a', 'b', 1] [1, 2, 3] [10, 15, 20] ['a', 'b', 'a', 'b', 'a'] [7, 7] ['b', 'd', 'f']
#   [1, 3, 6, 10] [3, 3, 3] [10, 11, 13] ['a', 'c'] [3, 2] [1, 2] [0, 0]
#   [('a', ['apple', 'avocado']), ('b', ['beer', 'bob'])] [('a', 1), ('b', '-')] [8, 9] [(1, 2), (2, 3)]
#   [('a', 1), ('a', 2), ('b', 1), ('b', 2)] 27 [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)] [('a', 'b'), ('a', 'c'), ('a', 'd'), ('b', 'c'), ('b', 'd'), ('c', 'd')] [('a', 'a'), ('a', 'b'), ('b', 'b')]
#   [2, 3] [1, 2, 3]
