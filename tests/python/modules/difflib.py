import difflib

a, b = ["one", "two", "three"], ["one", "2", "three", "four"]
print("\n".join(difflib.unified_diff(a, b, "a.txt", "b.txt", lineterm="")), "\n".join(difflib.ndiff(a, b)), difflib.get_close_matches("appel", ["ape", "apple", "peach"]), difflib.SequenceMatcher(None, "abcd", "bcde").ratio(), difflib.SequenceMatcher(None, a, b).get_opcodes(), sep="\n")
print(difflib.SequenceMatcher(None, "qabxcd", "abycdf").get_matching_blocks(), list(difflib.context_diff(["x"], ["y"], lineterm=""))[-1])

# ---
# stdout:
#   --- a.txt
#   +++ b.txt
#   @@ -1,3 +1,4 @@
#    one
#   -two
#   +2
#    three
#   +four
#     one
#   - two
#   + 2
#     three
#   + four
#   ['apple', 'ape']
#   0.75
#   [('equal', 0, 1, 0, 1), ('replace', 1, 2, 1, 2), ('equal', 2, 3, 2, 3), ('insert', 3, 3, 3, 4)]
#   [Match(a=1, b=0, size=2), Match(a=4, b=3, size=2), Match(a=6, b=6, size=0)] ! y
