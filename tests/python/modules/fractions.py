from fractions import Fraction as F

print(F(1, 3) + F(1, 6), F("0.125"), F(0.5), F("3/4") * 2, F(7, 2) // 1, F(7, 2) % 1, -F(1, 2), abs(F(-1, 2)), F(6, 4), F(1, 2) ** 3, F(4) ** F(1, 2))
print(F(3.141592653589793).limit_denominator(100), float(F(1, 8)), int(F(7, 2)), round(F(5, 2)), F(1, 2) == 0.5, F(1, 3) < F(1, 2), F(9, 3).denominator, sum([F(1, 2), F(1, 3)]), hash(F(2)) == hash(2))
try:
    F(1, 0)
except ZeroDivisionError as error:
    print(error)

# ---
# stdout:
#   1/2 1/8 1/2 3/2 3 1/2 -1/2 1/2 3/2 1/8 2.0
#   311/99 0.125 3 2 True True 1 5/6 True
#   Fraction(1, 0)
