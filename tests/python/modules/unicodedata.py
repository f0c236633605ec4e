import unicodedata as u

print(u.name("é"), u.category("A"), u.normalize("NFD", "é") == "e\u0301", u.normalize("NFKC", "ﬁ①"), u.lookup("SNOWMAN"), u.numeric("½"), u.decimal("7"), u.bidirectional("א"), u.combining("\u0301"), u.east_asian_width("日"), u.decomposition("é"), u.mirrored("("), u.is_normalized("NFC", "é"))
print("".join(c for c in u.normalize("NFKD", "Crème Brûlée") if not u.combining(c)), u.name("\0", "none"), u.category("😀"))

# ---
# stdout:
#   LATIN SMALL LETTER E WITH ACUTE Lu True fi1 ☃ 0.5 7 R 230 W 0065 0301 1 True
#   Creme Brulee none So
