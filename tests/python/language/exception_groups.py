def work(n):
    if n == 0:
        raise ValueError("v")
    if n == 1:
        raise TypeError("t")
    raise OSError("o")


errors = []
for n in range(3):
    try:
        work(n)
    except Exception as error:
        errors.append(error)
try:
    raise ExceptionGroup("several", [*errors, ExceptionGroup("inner", [ValueError("v2")])])
except* ValueError as group:
    print("values", [str(e) for e in group.exceptions if not isinstance(e, ExceptionGroup)], len(group.exceptions))
except* (TypeError, OSError) as group:
    print("others", [type(e).__name__ for e in group.exceptions])
group = ExceptionGroup("g", [ValueError(1), KeyError("k")])
matched, rest = group.split(ValueError)
print(matched.exceptions, rest.exceptions, group.subgroup(KeyError).message, str(group))
try:
    try:
        raise ValueError("plain")
    except* ValueError as found:
        print(type(found).__name__, found.exceptions)
        raise
except ExceptionGroup as again:
    print("again", again.exceptions[0])
try:
    try:
        raise ExceptionGroup("left", [TypeError("t"), ValueError("v")])
    except* ValueError:
        pass
except ExceptionGroup as left:
    print(left.exceptions, isinstance(left, BaseExceptionGroup))

# ---
# stdout:
#   values ['v'] 2
#   others ['TypeError', 'OSError']
#   (ValueError(1),) (KeyError('k'),) g g (2 sub-exceptions)
#   ExceptionGroup (ValueError('plain'),)
#   again plain
#   (TypeError('t'),) True
