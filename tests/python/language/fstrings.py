name, n, pi, d = "Ann", 1234567, 3.14159265, {"k": "v"}
print(f"{name!r:>8}|{name:<6}|{name:^7}|{name:*^9}|{n:,}|{n:_}|{n:>12,}|{n:+d}|{-n:010d}")
print(f"{pi:.2f}|{pi:8.3f}|{pi:e}|{pi:.3g}|{pi:%}|{0.256:.1%}|{1e10:g}|{1e-7}|{1e16}|{123456789.0}|{0.1 + 0.2}")
print(f"{255:x}|{255:#X}|{255:b}|{255:#010b}|{255:o}|{65:c}|{True}|{True:d}|{None}|{3:.2f}")
print(f"{d['k']}|{n=}|{pi = :.1f}|{name!s}|{'é'!a}|{{braces}}|{'a' if n else 'b'}|{len(name) * 2}|{(lambda v: v + 1)(1)}")
width, precision = 10, 3
print(f"{pi:{width}.{precision}f}|{name:{'>'}{width}}|{f'{name}!':>6}|{f'{n}' + '!'}")
print(f"""multi
line {name}""" f" joined {n}")
print("%s is %d years, %5.1f%% %x %-5s| %05d %r" % ("Bob", 42, 99.55, 255, "ab", 7, "q"), "%(a)s-%(b)02d" % {"a": 1, "b": 2})
print("{} {1} {0}".replace("{} ", "").format("a", "b"), "{:>5}|{:<5}|{:^5}".format(1, 2, 3), "{a.real} {b[0]} {c[k]}".format(a=1, b=[2], c=d))
from datetime import date
print(f"{date(2024, 3, 9):%d.%m.%Y} {date(2024, 3, 9):%A %j}", format(1234.5, ",.2f"), rf"\d{n}", f"{'nested ' + f'{1 + 1}'}")

# ---
# stdout:
#      'Ann'|Ann   |  Ann  |***Ann***|1,234,567|1_234_567|   1,234,567|+1234567|-001234567
#   3.14|   3.142|3.141593e+00|3.14|314.159265%|25.6%|1e+10|1e-07|1e+16|123456789.0|0.30000000000000004
#   ff|0XFF|11111111|0b11111111|377|A|True|1|None|3.00
#   v|n=1234567|pi = 3.1|Ann|'\xe9'|{braces}|a|6|2
#        3.142|       Ann|  Ann!|1234567!
#   multi
#   line Ann joined 1234567
#   Bob is 42 years,  99.5% ff ab   | 00007 'q' 1-02
#   b a     1|2    |  3   1 2 v
#   09.03.2024 Saturday 069 1,234.50 \d1234567 nested 2
