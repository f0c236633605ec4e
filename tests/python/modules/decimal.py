from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation, getcontext, localcontext

a, b = Decimal("0.1"), Decimal("0.2")
print(a + b, a + b == Decimal("0.3"), Decimal(1) / 3, Decimal("1.10") + 1, Decimal(0.5), Decimal("1E+3"), Decimal("-0"))
print(Decimal("2.675").quantize(Decimal("0.01"), ROUND_HALF_UP), Decimal("2.665").quantize(Decimal("0.01"), ROUND_HALF_EVEN), Decimal("9.999").quantize(Decimal("0.1"), ROUND_DOWN))
with localcontext() as context:
    context.prec = 5
    print(Decimal(2).sqrt(), Decimal(1).exp(), Decimal(10).ln(), Decimal(1) / 7)
print(getcontext().prec, Decimal("123.456").as_tuple(), Decimal("1.500").normalize(), Decimal("12").adjusted(), int(Decimal("7.9")), round(Decimal("2.5")), round(Decimal("2.345"), 2))
print(f"{Decimal('1234567.891'):,.2f}", Decimal("7") % 3, Decimal("-7") // 2, divmod(Decimal(7), 2), Decimal(2) ** 10, Decimal("NaN").is_nan(), Decimal("Infinity") > 1, max(Decimal(1), Decimal("1.5")), sum([a, b], Decimal(0)))
for bad in (lambda: Decimal("x"), lambda: Decimal(1) / 0, lambda: Decimal(1) + 1.0):
    try:
        bad()
    except (InvalidOperation, ArithmeticError, TypeError) as error:
        print(type(error).__name__)
print(Decimal("1.0") == 1, hash(Decimal("1.0")) == hash(1), {Decimal("1"): "a"}[1], Decimal("0.1") < 0.2, str(Decimal("1E-7")), Decimal.from_float(0.1) == Decimal("0.1"), Decimal("3.14").as_integer_ratio())

# ---
# stdout:
#   0.3 True 0.3333333333333333333333333333 2.10 0.5 1E+3 -0
#   2.68 2.66 9.9
#   1.4142 2.7183 2.3026 0.14286
#   28 DecimalTuple(sign=0, digits=(1, 2, 3, 4, 5, 6), exponent=-3) 1.5 1 7 2 2.34
#   1,234,567.89 1 -3 (Decimal('3'), Decimal('1')) 1024 True True 1.5 0.3
#   InvalidOperation
#   DivisionByZero
#   TypeError
#   True True a True 1E-7 False (157, 50)
