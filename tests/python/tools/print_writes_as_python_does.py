import sys, io, contextlib
print(1, "a", sep="-", end="!\n")
print()
sys.stdout.write("w\n")
with contextlib.redirect_stdout(io.StringIO()) as held:
    print("held")
print(repr(held.getvalue()), "\ud800" == "x")
print("a\ud800b")

# ---
# stdout:
#   1-a!
#
#   w
#   'held\n' False
#   a�b
