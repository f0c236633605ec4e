import json


def load(text):
    return json.loads(text)["a"]


load('{"b": 1}')

# ---
# code: RUNTIME_ERROR
# line: 5
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 8, in <module>
#       load('{"b": 1}')
#       ~~~~^^^^^^^^^^^^
#     File "<script 1>", line 5, in load
#       return json.loads(text)["a"]
#              ~~~~~~~~~~~~~~~~^^^^^
#   KeyError: 'a'
