import base64, csv, hashlib, hmac, io, statistics, struct, textwrap, tomllib, unicodedata, zlib
import xml.etree.ElementTree as ET
from datetime import datetime
from fractions import Fraction
print(hashlib.sha256(b"x").hexdigest()[:8], hashlib.md5(b"x").hexdigest()[:8], hmac.new(b"k", b"m", "sha256").hexdigest()[:8])
print(zlib.crc32(b"x"), zlib.decompress(zlib.compress(b"y")), base64.b64encode(b"z"), struct.pack("<H", 258))
print(list(csv.DictReader(io.StringIO("a,b\n1,2"))), ET.fromstring("<a><b x='1'/></a>")[0].attrib, tomllib.loads("a = 1"))
print(statistics.mean([1, 2, 4]), Fraction(1, 3), unicodedata.normalize("NFKC", "\ufb01"), textwrap.shorten("a b c d", 6, placeholder="…"))
print(datetime.strptime("2024-01-02", "%Y-%m-%d"), f"{3.14159:.2f} {10**20:,} {0.1 + 0.2}", round(2.675, 2))

# ---
# stdout:
#   2d711642 9dd4e461 b60090e3
#   2363233923 b'y' b'eg==' b'\x02\x01'
#   [{'a': '1', 'b': '2'}] {'x': '1'} {'a': 1}
#   2.3333333333333335 1/3 fi a b c…
#   2024-01-02 00:00:00 3.14 100,000,000,000,000,000,000 0.30000000000000004 2.67
