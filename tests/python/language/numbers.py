print(10 / 4, 10 // 4, -10 // 4, 10 % 3, -10 % 3, 2**100, 2**0.5, 1e3, 1_000_000, 0xFF, 0o17, 0b11, 3 + 4j, (3 + 4j).conjugate(), abs(3 + 4j), complex("1+2j"))
print(round(2.5), round(3.5), round(-2.5), round(2.675, 2), round(1234, -2), round(1e20), int(-3.9), int("0x1f", 16), int(" 42 "), float("1e-3"), float("inf"), float("nan") != float("nan"))
print(0.1 + 0.2, 1 / 3, 1e100, 1e22, 1.0, 100000000000000000.0, 123456789012345680.0, 5e-324, 1.7976931348623157e308, -0.0, 3.0 == 3, 1e16, 1e-5, 0.0001)
print(divmod(-7, 2), pow(3, 4, 5), pow(3, -1, 7), bin(10), hex(-255), oct(8), (255).bit_length(), (7).bit_count(), (0.5).as_integer_ratio(), (2.0).is_integer(), (1.5).hex(), float.fromhex("0x1.8p+0"))
print(min(3, 1, 2), max([1, 5, 3]), min("b", "a", key=ord), max([], default=0), sum([0.1] * 10), sum([1, 2], 10), sum([[1], [2]], []), abs(-5), bool([]), bool("0"), int(True), True + True)
print(10**18 * 10**18, -(2**64) // 3, 12345678901234567890 % 97, 2**200 >> 190, int("9" * 30) + 1, str(2**70), f"{2**70:,}", 7 .real, (10**25).__str__()[:5], hash(2**61 - 1), isinstance(True, int))
for bad in (lambda: 1 / 0, lambda: 1 % 0, lambda: 2.0**10000, lambda: int("1.5"), lambda: 0**-1, lambda: 1 // 0.0):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__)

# ---
# stdout:
#   2.5 2 -3 1 2 1267650600228229401496703205376 1.4142135623730951 1000.0 1000000 255 15 3 (3+4j) (3-4j) 5.0 (1+2j)
#   2 4 -2 2.67 1200 100000000000000000000 -3 31 42 0.001 inf True
#   0.30000000000000004 0.3333333333333333 1e+100 1e+22 1.0 1e+17 1.2345678901234568e+17 5e-324 1.7976931348623157e+308 -0.0 True 1e+16 1e-05 0.0001
#   (-4, 1) 1 5 0b1010 -0xff 0o10 8 3 (1, 2) True 0x1.8000000000000p+0 1.5
#   1 5 a 0 0.9999999999999999 13 [1, 2] 5 False True 1 2
#   1000000000000000000000000000000000000 -6148914691236517206 3 1024 1000000000000000000000000000000 1180591620717411303424 1,180,591,620,717,411,303,424 7 10000 0 True
#   ZeroDivisionError
#   ZeroDivisionError
#   OverflowError
#   ValueError
#   ZeroDivisionError
#   ZeroDivisionError
