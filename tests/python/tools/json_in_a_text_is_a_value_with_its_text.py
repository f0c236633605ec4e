import json
v = toy.json_text('{"a": [1, 12345678901234567890123]}')
print(v["a"], v.text, json.loads(v) is v, json.dumps(v))
v.split()

# ---
# code: RUNTIME_ERROR
# line: 4
# message: already parsed from JSON
# message: `.text`
# stdout:
#   [1, 12345678901234567890123] {"a": [1, 12345678901234567890123]} True {"a": [1, 12345678901234567890123]}
