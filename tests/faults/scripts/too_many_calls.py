for n in range(20):
    toy.echo(value=n)
# ---
# flags: --max-calls 10
# code: CALL_LIMIT
# line: 2
