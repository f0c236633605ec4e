import codecs

print(codecs.encode("abc", "rot13"), codecs.decode(b"\xff\xfea\x00", "utf-16"), codecs.encode(b"ab", "hex"), codecs.lookup("utf8").name, codecs.BOM_UTF8, "é".encode("cp1252"), b"\x80".decode("cp1252"), "é".encode("iso8859-15"), b"\xc1".decode("koi8-r"), "ü".encode("idna"), "bücher".encode("punycode"), b"\xef\xbb\xbfa".decode("utf-8-sig"), "\\n".encode().decode("unicode_escape") == "\n", "é".encode("cp437"), "a+b é".encode("utf-7"))
decoder = codecs.getincrementaldecoder("utf-8")()
print(decoder.decode(b"\xc3"), decoder.decode(b"\xa4"), list(codecs.iterdecode([b"\xc3", b"\xa9"], "utf-8")))
for bad in (lambda: "x".encode("nope"), lambda: b"\xff".decode("ascii")):
    try:
        bad()
    except (LookupError, UnicodeError) as error:
        print(type(error).__name__)

# ---
# stdout:
#   nop a b'6162' utf-8 b'\xef\xbb\xbf' b'\xe9' € b'\xe9' а b'xn--tda' b'bcher-kva' a True b'\x82' b'a+-b +AOk-'
#    ä ['é']
#   LookupError
#   UnicodeDecodeError
