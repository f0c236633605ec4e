tools.search('a', limit=3)
tools.describe('a.b')
tools.list()
tools.call('memory', 'x-y', a=1)
tools.resources('memory')
tools.read_resource('memory', 'x:')
tools.prompt('memory', 'p', a=1)
tools.__doc__
# ---
# ok
