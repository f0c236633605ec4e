import array

a = array.array("i", [3, 1, 2])
a.append(4)
a.extend([5])
print(a, a[0], a.itemsize, a.tolist(), a.tobytes()[:4], sum(a), a.index(2), a.pop(), a[1:3], array.array("d", [0.5]).typecode, array.array("B", b"ab").tobytes(), len(a))
a.reverse()
a.byteswap()
print(a[0], array.array("u", "ab") if False else "u", a.buffer_info()[1], a == array.array("i", a))
for bad in (lambda: array.array("B", [256]), lambda: a.append("x")):
    try:
        bad()
    except (OverflowError, TypeError) as error:
        print(type(error).__name__)

# ---
# stdout:
#   array('i', [3, 1, 2, 4]) 3 4 [3, 1, 2, 4, 5] b'\x03\x00\x00\x00' 15 2 5 array('i', [1, 2]) d b'ab' 4
#   67108864 u 4 True
#   OverflowError
#   TypeError
