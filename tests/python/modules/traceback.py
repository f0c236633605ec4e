import traceback


def f(n):
    return g(n)


def g(n):
    return 1 / n


try:
    f(0)
except ZeroDivisionError as error:
    lines = traceback.format_exc().splitlines()
    print(lines[0], lines[-1], [frame.name for frame in traceback.extract_tb(error.__traceback__)], traceback.format_exception_only(error), len(traceback.format_exception(error)) >= 3)
    print([line.strip() for line in lines if line.strip().startswith("return")], traceback.extract_tb(error.__traceback__)[-1].line)
print(traceback.TracebackException.from_exception(ValueError("v")).exc_type_str if hasattr(traceback.TracebackException.from_exception(ValueError("v")), "exc_type_str") else "ValueError", traceback.extract_stack()[-1].name)

# ---
# stdout:
#   Traceback (most recent call last): ZeroDivisionError: division by zero ['<module>', 'f', 'g'] ['ZeroDivisionError: division by zero\n'] True
#   ['return g(n)', 'return 1 / n'] return 1 / n
#   ValueError <module>
