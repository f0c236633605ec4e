import base64
import binascii

print(base64.b64encode(b"a\xff?"), base64.b64decode("Yf8/"), base64.urlsafe_b64encode(b"\xff\xfe?"), base64.b32encode(b"hi"), base64.b16encode(b"hi"), base64.b85encode(b"hello"), base64.a85decode(base64.a85encode(b"hello")), base64.urlsafe_b64decode("__4_"))
print(binascii.hexlify(b"ab"), binascii.unhexlify("6162"), binascii.crc32(b"ab"), binascii.b2a_base64(b"ab"), binascii.a2b_base64("YWI="))
for bad in (lambda: base64.b64decode("abc"), lambda: binascii.unhexlify("abc")):
    try:
        bad()
    except binascii.Error as error:
        print("Error")

# ---
# stdout:
#   b'Yf8/' b'a\xff?' b'__4_' b'NBUQ====' b'6869' b'Xk~0{Zv' b'hello' b'\xff\xfe?'
#   b'6162' b'ab' 2659403885 b'YWI=\n' b'ab'
#   Error
#   Error
