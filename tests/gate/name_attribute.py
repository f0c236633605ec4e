import re, io
re.compile('a')
x.open()
x.eval = 1
io.open
{'open': 1}
f(open=1, input=2)
# ---
# ok
