import json

json.loads("{'a': 1}")

# ---
# code: RUNTIME_ERROR
# line: 3
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 3, in <module>
#       json.loads("{'a': 1}")
#       ~~~~~~~~~~^^^^^^^^^^^^
#   json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
