import types

n = types.SimpleNamespace(a=1)
n.b = 2
print(n, n == types.SimpleNamespace(a=1, b=2), vars(n))
m = types.MappingProxyType({"a": 1})
try:
    m["a"] = 2
except TypeError as error:
    print(type(error).__name__)
print(m["a"], isinstance(len, types.BuiltinFunctionType), isinstance(lambda: 0, types.LambdaType), isinstance((n for n in []), types.GeneratorType), types.NoneType, types.MethodType(lambda self: self + 1, 4)(), types.new_class("X", (), {}, lambda ns: ns.update(v=1)).v, types.DynamicClassAttribute)


@types.coroutine
def legacy():
    yield 1
    return 2


async def use():
    return await legacy()


c = use()
print(c.send(None))
try:
    c.send(None)
except StopIteration as stop:
    print(stop.value)

# ---
# stdout:
#   namespace(a=1, b=2) True {'a': 1, 'b': 2}
#   TypeError
#   1 True True True <class 'NoneType'> 5 1 <class 'types.DynamicClassAttribute'>
#   1
#   2
