import string
from string import Formatter, Template

print(string.ascii_lowercase, string.digits, string.punctuation, string.hexdigits, string.capwords("hello big world"), Template("$who owes ${n} $$").substitute(who="Ann", n=5), Template("$a $b").safe_substitute(a=1))
try:
    Template("$gone").substitute()
except KeyError as error:
    print(error)
print(Formatter().format("{0}-{k:>3}", "a", k=1), list(Formatter().parse("x{a!r:>{w}}y")))

# ---
# stdout:
#   abcdefghijklmnopqrstuvwxyz 0123456789 !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~ 0123456789abcdefABCDEF Hello Big World Ann owes 5 $ 1 $b
#   'gone'
#   a-  1 [('x', 'a', '>{w}', 'r'), ('y', None, None, None)]
