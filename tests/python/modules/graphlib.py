from graphlib import CycleError, TopologicalSorter

print(list(TopologicalSorter({"d": {"b", "c"}, "b": {"a"}, "c": {"b"}}).static_order()))
sorter = TopologicalSorter()
sorter.add("x", "y")
sorter.prepare()
while sorter.is_active():
    ready = sorter.get_ready()
    print(ready)
    sorter.done(*ready)
try:
    list(TopologicalSorter({"a": ["b"], "b": ["a"]}).static_order())
except CycleError as error:
    print(len(error.args[1]))

# ---
# stdout:
#   ['a', 'b', 'c', 'd']
#   ('y',)
#   ('x',)
#   3
