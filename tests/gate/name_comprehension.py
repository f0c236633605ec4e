[open for open in x]
{input: eval for input, eval in x}
(compile for y in x for compile in y)
# ---
# ok
