import json
from json import loads

import json as j

value = toy.json_text(text='{"a": [1]}')
print(json.loads(value) is value, loads(value) is value, j.loads(value.text), json.loads(value.text, parse_int=float), json.dumps(value))

# ---
# stdout:
#   True True {'a': [1]} {'a': [1.0]} {"a": [1]}
