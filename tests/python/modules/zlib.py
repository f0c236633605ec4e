import zlib

data = b"hello " * 100
packed = zlib.compress(data, 9)
print(len(packed) < 60, zlib.decompress(packed) == data, zlib.crc32(b"a"), zlib.adler32(b"a"))
c, d = zlib.compressobj(), zlib.decompressobj()
stream = c.compress(b"abc") + c.flush()
print(d.decompress(stream), d.eof)
try:
    zlib.decompress(b"nonsense")
except zlib.error:
    print("error")

# ---
# stdout:
#   True True 3904355907 6422626
#   b'abc' True
#   error
