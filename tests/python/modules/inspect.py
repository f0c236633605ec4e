import inspect


def f(a: int, b="x", *args, c, d=2, **kwargs) -> str:
    """Doc.

    More.
    """
    return a


class K:
    """A class."""

    def m(self, x):
        pass


signature = inspect.signature(f)
print(signature, list(signature.parameters), signature.parameters["b"].default, signature.parameters["c"].kind.name, signature.return_annotation, signature.bind(1, c=3).arguments, inspect.getdoc(f), inspect.isfunction(f), inspect.isclass(K), inspect.ismethod(K().m), inspect.signature(K.m))
print([name for name, _ in inspect.getmembers(K(), inspect.ismethod)], inspect.isgeneratorfunction(f), inspect.iscoroutinefunction(f), inspect.cleandoc("  a\n    b"), inspect.getfullargspec(f).kwonlyargs, inspect.getmro(K)[0].__name__, inspect.unwrap(f) is f, inspect.currentframe().f_lineno > 0)
try:
    signature.bind(b=1)
except TypeError as error:
    print(error)
print(inspect.getsource(f).splitlines()[0])

# ---
# stdout:
#   (a: int, b='x', *args, c, d=2, **kwargs) -> str ['a', 'b', 'args', 'c', 'd', 'kwargs'] x KEYWORD_ONLY <class 'str'> {'a': 1, 'c': 3} Doc.
#
#   More. True True True (self, x)
#   ['m'] False False a
#   b ['c', 'd'] K True True
#   missing a required argument: 'a'
#   def f(a: int, b="x", *args, c, d=2, **kwargs) -> str:
