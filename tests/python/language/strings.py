s = "Hello, World"
print(s[0], s[-1], s[7:], s[:5], s[::-1], s[::2], s.lower(), s.upper(), s.swapcase(), s.title(), s.casefold(), s.center(16, "*"))
print(s.find("o"), s.rfind("o"), s.find("z"), s.count("l"), s.replace("l", "L", 1), s.startswith(("He", "x")), s.endswith("d"), s.partition(", "), s.rpartition("o"))
print(" a b ".strip(), "xxaxx".strip("x"), "xxaxx".lstrip("x"), "a,b,,c".split(","), "a b  c".split(), "a b c".split(maxsplit=1), "a,b,c".rsplit(",", 1), "l1\nl2\r\nl3".splitlines())
print("-".join(["a", "b"]), "7".zfill(3), "-7".zfill(4), "ab".ljust(4, "."), "ab".rjust(4), "a\tb".expandtabs(4), "Ab1".isalnum(), "12".isdigit(), "½".isnumeric(), "a b".isidentifier(), " ".isspace(), "Ab".istitle())
print("prefix-x".removeprefix("prefix-"), "x.py".removesuffix(".py"), "abc".translate(str.maketrans("ab", "xy", "c")), "äöü".encode().hex(), b"\xc3\xa4".decode(), "ß".upper(), "İ".lower() == "i̇")
print(repr("it's"), repr('say "hi"'), repr("both ' \""), repr("tab\t nl\n \x00 é \u200b 😀"), ascii("é😀"), r"raw\n", "\N{GREEK SMALL LETTER ALPHA}", "\u00e9", "\x41", len("😀é"))
print("a" < "b", "a" in "abc", "abc" > "abd", ord("a"), chr(8364), "é" == "é", max("hello"), sorted("hello"), "".join(sorted(set("hello"))), list("abc"))
print("one two".capitalize(), "%s" % ("t",), "a" + str(1), "x" * 3, "abc".index("c"), "line1\
continued", ("implicit "
      "join"), 'tri"ple' """ '' "" """)
print(b"bytes"[0], b"abc"[1:], bytes([65, 66]), bytearray(b"ab") + b"c", b"a,b".split(b","), b"\xff\x00".hex(), bytes.fromhex("ff00"), b"%d" % 5, memoryview(b"abc")[1], int.from_bytes(b"\x01\x00", "big"), (258).to_bytes(2, "little"))
for bad in (lambda: b"\xff".decode(), lambda: "é".encode("ascii")):
    try:
        bad()
    except UnicodeError as error:
        print(type(error).__name__, error)
print("é".encode("ascii", "replace"), "é".encode("ascii", "xmlcharrefreplace"), b"a\xff".decode("utf-8", "replace"), b"a\xff".decode("latin-1"), "é".encode("utf-16-le"), "日本".encode("utf-8"))

# ---
# stdout:
#   H d World Hello dlroW ,olleH Hlo ol hello, world HELLO, WORLD hELLO, wORLD Hello, World hello, world **Hello, World**
#   4 8 -1 3 HeLlo, World True True ('Hello', ', ', 'World') ('Hello, W', 'o', 'rld')
#   a b a axx ['a', 'b', '', 'c'] ['a', 'b', 'c'] ['a', 'b c'] ['a,b', 'c'] ['l1', 'l2', 'l3']
#   a-b 007 -007 ab..   ab a   b True True True False True True
#   x x xy c3a4c3b6c3bc ä SS True
#   "it's" 'say "hi"' 'both \' "' 'tab\t nl\n \x00 é \u200b 😀' '\xe9\U0001f600' raw\n α é A 2
#   True True False 97 € True o ['e', 'h', 'l', 'l', 'o'] ehlo ['a', 'b', 'c']
#   One two t a1 xxx 2 line1continued implicit join tri"ple '' "" 
#   98 b'bc' b'AB' bytearray(b'abc') [b'a', b'b'] ff00 b'\xff\x00' b'5' 98 256 b'\x02\x01'
#   UnicodeDecodeError 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
#   UnicodeEncodeError 'ascii' codec can't encode character '\xe9' in position 0: ordinal not in range(128)
#   b'?' b'&#233;' a� aÿ b'\xe9\x00' b'\xe6\x97\xa5\xe6\x9c\xac'
