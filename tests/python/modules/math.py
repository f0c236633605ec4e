import math

print(math.sqrt(2), math.isqrt(17), math.pi, math.e, math.tau, math.floor(-1.5), math.ceil(1.2), math.trunc(-1.7), math.fabs(-2), math.factorial(20), math.gcd(12, 18, 27), math.lcm(4, 6))
print(math.comb(10, 3), math.perm(5, 2), math.prod([1, 2, 3, 4]), math.fsum([0.1] * 10), math.hypot(3, 4), math.dist((0, 0), (3, 4)), math.log(8, 2), math.log2(1024), math.log10(1000), math.log1p(1e-10), math.exp(1), math.expm1(1e-10))
print(round(math.sin(1), 12), round(math.cos(1), 12), round(math.tan(1), 12), round(math.atan2(1, 2), 12), math.degrees(math.pi), math.radians(180), round(math.sinh(1), 12), math.copysign(3, -0.0), math.fmod(-7, 3), math.modf(2.5), math.frexp(8), math.ldexp(0.5, 4))
print(math.inf, -math.inf, math.isnan(math.nan), math.isinf(1), math.isclose(0.1 + 0.2, 0.3), math.remainder(7, 4), math.gamma(5), round(math.erf(0.5), 12), math.nextafter(1, 2), math.ulp(1.0), round(math.cbrt(27), 12), math.exp2(5))
for bad in (lambda: math.sqrt(-1), lambda: math.log(0), lambda: math.factorial(-1)):
    try:
        bad()
    except ValueError as error:
        print(type(error).__name__)

# ---
# stdout:
#   1.4142135623730951 4 3.141592653589793 2.718281828459045 6.283185307179586 -2 2 -1 2.0 2432902008176640000 3 12
#   120 20 24 1.0 5.0 5.0 3.0 10.0 3.0 9.999999999500001e-11 2.718281828459045 1.00000000005e-10
#   0.841470984808 0.540302305868 1.557407724655 0.463647609001 180.0 3.141592653589793 1.175201193644 -3.0 -1.0 (0.5, 2.0) (0.5, 4) 8.0
#   inf -inf True False True -1.0 24.0 0.520499877813 1.0000000000000002 2.220446049250313e-16 3.0 32.0
#   ValueError
#   ValueError
#   ValueError
