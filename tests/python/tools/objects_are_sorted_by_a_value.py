rows = toy.echo(value=[{"n": 2}, {"n": 1}])
print(sorted(rows, key=lambda row: row["n"]))
sorted(rows)

# ---
# stdout:
#   [{'n': 1}, {'n': 2}]
# code: RUNTIME_ERROR
# line: 3
# message: TypeError: '<' not supported between instances of 'ToolDict' and 'ToolDict'
# hint: sort objects by one of their values
