import sys

print(sys.version_info >= (3, 11), sys.maxsize == 2**63 - 1, sys.byteorder, sys.getrecursionlimit() > 100, sys.float_info.max, sys.getsizeof([]) > 0, sys.exc_info(), sys.modules["sys"] is sys, sys.int_info.bits_per_digit > 0, sys.getdefaultencoding(), sys.intern("a") is sys.intern("a"), len(sys.argv))
print("to stdout", file=sys.stdout)
sys.stdout.write("written\n")
sys.stdout.flush()
try:
    sys.exit("message")
except SystemExit as error:
    print(error.code)
try:
    1 / 0
except ZeroDivisionError:
    print(sys.exc_info()[0].__name__)

# ---
# stdout:
#   True True little True 1.7976931348623157e+308 True (None, None, None) True True utf-8 True 1
#   to stdout
#   written
#   message
#   ZeroDivisionError
