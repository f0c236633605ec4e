import io

t = io.StringIO("one\ntwo\nthree")
print(t.readline(), t.read(2), t.tell(), t.readlines(), t.seek(0), [line.strip() for line in t])
t = io.StringIO()
print("x", 1, file=t, end="")
t.write("yz")
print(t.getvalue(), t.truncate(1), t.getvalue(), t.closed)
b = io.BytesIO(b"abc\ndef")
print(b.read(2), b.readline(), b.getvalue(), b.seek(-1, io.SEEK_END), b.read(), b.readable())
w = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
w.write("é\n")
w.flush()
print(w.buffer.getvalue(), io.BufferedReader(io.BytesIO(b"xyz")).peek(1)[:1], list(io.TextIOWrapper(io.BytesIO(b"a\r\nb"), encoding="ascii")))
with io.StringIO("z") as closing:
    pass
try:
    closing.read()
except ValueError as error:
    print("closed")

# ---
# stdout:
#   one
#    tw 6 ['o\n', 'three'] 0 ['one', 'two', 'three']
#   x 1yz 1 x False
#   b'ab' b'c\n' b'abc\ndef' 6 b'f' True
#   b'\xc3\xa9\n' b'x' ['a\n', 'b']
#   closed
