# needs Python 3.14
def f():
    try:
        raise ValueError("v")
    except ValueError, TypeError:
        return "caught without brackets"


print(f())
name, n = "Ann", 3
template = t"Hello {name!r} {n:>5}"
print(template.strings, [(i.value, i.expression, i.conversion, i.format_spec) for i in template.interpolations])


def later(x: Undefined) -> int:
    pass


print(later.__name__)

# ---
# stdout:
#   caught without brackets
#   ('Hello ', ' ', '') [('Ann', 'name', 'r', ''), (3, 'n', None, '>5')]
#   later
