tools.search('a', limit=3)
tools.describe('a.b')
tools.list()
tools.call('memory', 'x-y', a=1)
tools.__doc__
# ---
# ok
