said = []
for value in ["x" * 20_000_000, [0] * 5_000_000]:
    try:
        toy.echo(value=value)
    except ToolError as e:
        said.append(e.message)
# what is no more than the limits arrives
print(said, len(toy.echo(value="," * 15_000_000)), len(toy.echo(value=[0] * 300_000)))
# ---
# flags: --timeout 60 --memory 2048
# code: none
# stdout: ['the arguments for `toy.echo` have 20000012 bytes as JSON, more than 16 MiB: give it less at a time', 'the arguments for `toy.echo` have more than 1000000 values: give it less at a time'] 15000000 300000
