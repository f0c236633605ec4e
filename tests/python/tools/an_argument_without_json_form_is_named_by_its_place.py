toy.echo({"a": [1, {2: object()}]})

# ---
# code: RUNTIME_ERROR
# line: 1
# message: argument `value["a"][1]["2"]` is of type 'object'
