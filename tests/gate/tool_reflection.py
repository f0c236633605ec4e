dir(memory)
getattr(memory, 'nothing')()
hasattr(memory, 'nothing')
memory.__doc__
memory.__name__
memory._raw
# ---
# ok
