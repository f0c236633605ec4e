def f[open](x):
    return open
class A[input]:
    y = input
type B[eval] = list[eval]
# ---
# ok
