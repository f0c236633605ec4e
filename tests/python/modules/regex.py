import re

text = "Ann <ann@x.org>, Bob <bob@y.com>; 2024-03-09 and 2023-12-31"
print(re.findall(r"[\w.]+@[\w.]+", text), re.findall(r"(\d{4})-(\d\d)", text), re.search(r"(?P<y>\d+)-(?P<m>\d+)", text).groupdict())
print(re.sub(r"(\d+)-(\d+)-(\d+)", r"\3.\2.\1", text), re.subn("a", "A", "banana", count=2), re.sub(r"\d+", lambda m: str(int(m[0]) * 2), "a1b22"), re.sub(r"(?P<w>\w+)", r"<\g<w>>", "a b"))
print(re.split(r"[,;]\s*", "a, b;c"), re.split(r"(\d)", "a1b2"), re.match(r"\w+", text)[0], re.fullmatch(r"\d+", "123x"), bool(re.fullmatch(r"[a-z]+", "abc")))
m = re.search(r"(a)(b)?", "xac")
print(m.span(), m.group(0, 1, 2), m.groups("-"), m.start(1), m.end(), m.string, m.re.pattern, m.lastindex, repr(m))
print([x.group() for x in re.finditer(r"\b\w{3}\b", "one two three six")], re.compile(r"^\w", re.M).findall("ab\ncd"), re.findall(r"a.c", "a\nc abc", re.S), re.findall("ABC", "abc", re.I))
print(re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", "1234567"), re.findall(r"(?<!x)y", "xy y zy"), re.findall(r"a(?!b)", "ab ac"), re.findall(r"(\w)\1", "aabbc"), re.escape("a.b*c"), re.findall(r"<.+?>", "<a><b>"), re.findall(r"(?i:A)b", "ab Ab aB"))
pattern = re.compile(
    r"""
    (?P<key>\w+)  # a key
    \s*=\s*
    (?P<value>"[^"]*"|\d+)
    """,
    re.VERBOSE,
)
print({m["key"]: m["value"] for m in pattern.finditer('a = 1 b="two words"')}, pattern.groups, pattern.groupindex["value"], re.findall(r"(?:ab)+", "ababx"), re.findall(r"[^\W\d_]+", "añ1_b"), re.findall(r"\bé\w*", "éa x"))
print(re.findall(r"(?>a+)b", "aaab"), re.findall(r"a{2,3}?", "aaaa"), re.findall(r"x*+y", "xxy"), re.sub("", "-", "ab"), re.findall(r"\d+|(?P<z>z)", "1z"), re.match("(?:(a)|b)*", "ab").group(1), re.search(r"(?s)a.*b", "a\nb")[0])
try:
    re.compile("(a")
except re.error as error:
    print(error, error.pos)

# ---
# stdout:
#   ['ann@x.org', 'bob@y.com'] [('2024', '03'), ('2023', '12')] {'y': '2024', 'm': '03'}
#   Ann <ann@x.org>, Bob <bob@y.com>; 09.03.2024 and 31.12.2023 ('bAnAna', 2) a2b44 <a> <b>
#   ['a', 'b', 'c'] ['a', '1', 'b', '2', ''] Ann None True
#   (1, 2) ('a', 'a', None) ('a', '-') 1 2 xac (a)(b)? 1 <re.Match object; span=(1, 2), match='a'>
#   ['one', 'two', 'six'] ['a', 'c'] ['a\nc', 'abc'] ['abc']
#   1,234,567 ['y', 'y'] ['a'] ['a', 'b'] a\.b\*c ['<a>', '<b>'] ['ab', 'Ab']
#   {'a': '1', 'b': '"two words"'} 2 2 ['abab'] ['añ', 'b'] ['éa']
#   ['aaab'] ['aa', 'aa'] ['xxy'] -a-b- ['', 'z'] a a
#   b
#   missing ), unterminated subpattern at position 0 0
