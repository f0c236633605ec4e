import json
def parse(text):
    return json.loads(text)
parse("{bad")

# ---
# code: RUNTIME_ERROR
# line: 3
# message: File "<script 1>", line 4, in <module>
# message:     return json.loads(text)
# message: Expecting property name
