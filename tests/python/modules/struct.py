import struct

print(struct.pack("<BhIqf", 1, -2, 3, -4, 1.5).hex(), struct.unpack("<BhIqf", struct.pack("<BhIqf", 1, -2, 3, -4, 1.5)), struct.calcsize("<4sxH"), struct.pack(">4sxH", b"ab", 258), struct.unpack_from("<H", b"\0\1\2", 1), list(struct.iter_unpack("<H", b"\1\0\2\0")), struct.pack("<d?c", 0.1, True, b"z").hex(), struct.pack("5p", b"abc"))
buffer = bytearray(4)
struct.pack_into(">H", buffer, 1, 513)
s = struct.Struct("<2i")
print(buffer, s.size, s.unpack(s.pack(1, 2)), struct.unpack("<e", struct.pack("<e", 0.5)))
for bad in (lambda: struct.pack("<B", 256), lambda: struct.unpack("<I", b"a")):
    try:
        bad()
    except struct.error as error:
        print("error")

# ---
# stdout:
#   01feff03000000fcffffffffffffff0000c03f (1, -2, 3, -4, 1.5) 7 b'ab\x00\x00\x00\x01\x02' (513,) [(1,), (2,)] 9a9999999999b93f017a b'\x03abc\x00'
#   bytearray(b'\x00\x02\x01\x00') 8 (1, 2) (0.5,)
#   error
#   error
