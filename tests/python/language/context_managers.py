import contextlib


class Resource:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow

    def __enter__(self):
        print("enter", self.name)
        return self

    def __exit__(self, kind, error, trace):
        print("exit", self.name, kind and kind.__name__, error)
        return self.swallow


with Resource("a") as a, Resource("b"):
    print(a.name)
with (
    Resource("c", swallow=True),
    Resource("d"),
):
    raise ValueError("inside")


@contextlib.contextmanager
def tag(name):
    print(f"<{name}>")
    try:
        yield name.upper()
    finally:
        print(f"</{name}>")


with tag("p") as text:
    print(text)
try:
    with tag("q"):
        raise KeyError("k")
except KeyError as error:
    print("outside", error)
with contextlib.suppress(ZeroDivisionError):
    1 / 0
with contextlib.ExitStack() as stack:
    for n in range(2):
        stack.enter_context(Resource(n))
    stack.callback(print, "callback")
import io

with contextlib.redirect_stdout(io.StringIO()) as out:
    print("hidden")
print(repr(out.getvalue()), contextlib.nullcontext(5).__enter__())


class Closing:
    def close(self):
        print("closed")


with contextlib.closing(Closing()):
    pass


@tag("decorated")
def f():
    print("f")


f()

# ---
# stdout:
#   enter a
#   enter b
#   a
#   exit b None None
#   exit a None None
#   enter c
#   enter d
#   exit d ValueError inside
#   exit c ValueError inside
#   <p>
#   P
#   </p>
#   <q>
#   </q>
#   outside 'k'
#   enter 0
#   enter 1
#   callback
#   exit 1 None None
#   exit 0 None None
#   'hidden\n' 5
#   closed
#   <decorated>
#   f
#   </decorated>
