row = toy.echo(value={"name": "Ann", "id": 3})
print(row["nmae"])

# ---
# code: RUNTIME_ERROR
# line: 2
# hint: the keys are 'name', 'id'
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       print(row["nmae"])
#             ~~~^^^^^^^^
#   KeyError: 'nmae'; the keys are 'name', 'id'
