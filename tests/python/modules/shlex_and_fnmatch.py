import fnmatch
import shlex

print(shlex.split("a 'b c' \"d e\" f\\ g"), shlex.quote("it's"), shlex.join(["a", "b c"]), fnmatch.fnmatch("x.py", "*.py"), fnmatch.filter(["a.txt", "b.py", "c.txt"], "*.txt"), fnmatch.fnmatchcase("A", "a"), fnmatch.fnmatch("a1", "a[0-9]"), bool(fnmatch.translate("*.x")))
try:
    shlex.split("'open")
except ValueError as error:
    print(error)

# ---
# stdout:
#   ['a', 'b c', 'd e', 'f g'] 'it'"'"'s' a 'b c' True ['a.txt', 'c.txt'] False True True
#   No closing quotation
