import weakref


class Node:
    def __init__(self, name):
        self.name = name


node = Node("a")
ref, gone = weakref.ref(node, lambda r: log.append("died")), []
log = []
values = weakref.WeakValueDictionary(x=node)
keys = weakref.WeakKeyDictionary()
keys[node] = 1
members = weakref.WeakSet([node])
print(ref().name, len(values), keys[node], node in members, weakref.proxy(node).name, weakref.getweakrefcount(node) >= 1)
weakref.finalize(node, log.append, "finalized")
del node
print(ref(), len(values), len(keys), len(members), sorted(log))

# ---
# stdout:
#   a 1 1 True a True
#   None 0 0 0 ['died', 'finalized']
