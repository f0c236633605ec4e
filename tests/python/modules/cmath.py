import cmath

print(cmath.sqrt(-1), cmath.polar(1j), cmath.phase(-1), cmath.isclose(cmath.exp(1j * cmath.pi), -1), cmath.rect(2, 0), cmath.isinf(complex("inf")))

# ---
# stdout:
#   1j (1.0, 1.5707963267948966) 3.141592653589793 True (2+0j) True
