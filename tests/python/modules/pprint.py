from dataclasses import dataclass
from pprint import pformat, pprint


@dataclass
class Row:
    id: int
    name: str


value = {"list": list(range(30)), "nested": {"b": ["x" * 30, "y" * 30], "a": (1,)}, "row": Row(1, "n"), "set": {3}}
pprint(value)
pprint(value, width=40, sort_dicts=False, compact=True)
print(pformat([[1, [2, [3, [4]]]]], depth=2), pformat("word " * 30, width=40))

# ---
# stdout:
#   {'list': [0,
#             1,
#             2,
#             3,
#             4,
#             5,
#             6,
#             7,
#             8,
#             9,
#             10,
#             11,
#             12,
#             13,
#             14,
#             15,
#             16,
#             17,
#             18,
#             19,
#             20,
#             21,
#             22,
#             23,
#             24,
#             25,
#             26,
#             27,
#             28,
#             29],
#    'nested': {'a': (1,),
#               'b': ['xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
#                     'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy']},
#    'row': Row(id=1, name='n'),
#    'set': {3}}
#   {'list': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
#             10, 11, 12, 13, 14, 15, 16,
#             17, 18, 19, 20, 21, 22, 23,
#             24, 25, 26, 27, 28, 29],
#    'nested': {'b': ['xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
#                     'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'],
#               'a': (1,)},
#    'row': Row(id=1, name='n'),
#    'set': {3}}
#   [[1, [...]]] ('word word word word word word word '
#    'word word word word word word word '
#    'word word word word word word word '
#    'word word word word word word word '
#    'word word ')
