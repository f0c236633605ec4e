import json
from decimal import Decimal

value = {"a": [1, 2.5, None, True], "é": "ü\n\"", "n": {"x": -1e10}, "big": 2**70}
print(json.dumps(value), json.dumps(value, ensure_ascii=False, sort_keys=True), json.dumps([1, 2], separators=(",", ":")), json.dumps({1: 2, None: 3, True: 4}))
print(json.dumps(value, indent=2))
print(json.loads('{"a": [1, 2.0, "\\u00e9\\ud83d\\ude00", null, 1e3]}'), json.loads(" [] "), json.loads('"x"'), json.loads("1.1", parse_float=Decimal), json.loads('{"a":1}', object_pairs_hook=list), json.loads('{"a":{"b":1}}', object_hook=lambda d: sorted(d)), json.loads(b"[1]"))
for bad in ("{'a': 1}", "[1 2]", "", '{"a" 1}', "nul", "[1] x"):
    try:
        json.loads(bad)
    except json.JSONDecodeError as error:
        print(type(error).__name__, error.lineno, error.colno)


class Encoder(json.JSONEncoder):
    def default(self, value):
        return sorted(value) if isinstance(value, set) else super().default(value)


print(json.dumps({"s": {3, 1}}, cls=Encoder), json.dumps({1, 2}, default=sorted), json.dumps(float("nan")), json.loads("NaN") != json.loads("NaN"), json.dumps((1, "a")), json.dumps("</é>"), json.dumps({}), json.dumps([], indent=1), json.dumps([[]], indent=1))
for bad in (lambda: json.dumps({1, 2}), lambda: json.dumps({(1, 2): 3}), lambda: json.dumps(float("inf"), allow_nan=False)):
    try:
        bad()
    except (TypeError, ValueError) as error:
        print(type(error).__name__)
import io

out = io.StringIO()
json.dump([1], out)
print(out.getvalue(), json.load(io.StringIO("[2]")), json.JSONDecoder().raw_decode("[1] tail"))

# ---
# stdout:
#   {"a": [1, 2.5, null, true], "\u00e9": "\u00fc\n\"", "n": {"x": -10000000000.0}, "big": 1180591620717411303424} {"a": [1, 2.5, null, true], "big": 1180591620717411303424, "n": {"x": -10000000000.0}, "é": "ü\n\""} [1,2] {"1": 4, "null": 3}
#   {
#     "a": [
#       1,
#       2.5,
#       null,
#       true
#     ],
#     "\u00e9": "\u00fc\n\"",
#     "n": {
#       "x": -10000000000.0
#     },
#     "big": 1180591620717411303424
#   }
#   {'a': [1, 2.0, 'é😀', None, 1000.0]} [] x 1.1 [('a', 1)] ['a'] [1]
#   JSONDecodeError 1 2
#   JSONDecodeError 1 4
#   JSONDecodeError 1 1
#   JSONDecodeError 1 6
#   JSONDecodeError 1 1
#   JSONDecodeError 1 5
#   {"s": [1, 3]} [1, 2] NaN True [1, "a"] "</\u00e9>" {} [] [
#    []
#   ]
#   TypeError
#   TypeError
#   ValueError
#   [1] [2] ([1], 3)
