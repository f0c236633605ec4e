class AppError(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def risky(n):
    try:
        if n == 0:
            raise AppError(7, "app")
        if n == 1:
            return 1 / 0
        if n == 2:
            return [][1]
        return "fine"
    except AppError as error:
        return f"app {error.code} {error}"
    except (ZeroDivisionError, IndexError) as error:
        return f"{type(error).__name__}: {error}"
    else:
        return "never"
    finally:
        print("finally", n)


print([risky(n) for n in range(4)])


def order():
    try:
        return "try"
    finally:
        print("before return")


print(order())
try:
    try:
        raise KeyError("inner")
    except KeyError as error:
        raise ValueError("outer") from error
except ValueError as error:
    print(repr(error.__cause__), error.__suppress_context__)
try:
    try:
        {}["a"]
    except KeyError:
        int("x")
except ValueError as error:
    print(repr(error.__context__), error)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise
except ArithmeticError as error:
    print("re-raised", type(error).__mro__[1].__name__)
error = ValueError("v")
error.add_note("a note")
print(error.__notes__, error.args, repr(error), str(KeyError("k")), repr(OSError(2, "gone")), OSError(2, "gone"))
for text in ("int('a')", "'a' + 1", "None.x", "{}['k']", "[].pop()", "undefined", "int([])", "'abc'.index('z')", "(1,2)[5]", "len(5)", "1 + 'a'", "float('x')", "f(1)"):
    try:
        f = lambda: 0
        {"int('a')": lambda: int("a"), "'a' + 1": lambda: "a" + 1, "None.x": lambda: None.x, "{}['k']": lambda: {}["k"],
         "[].pop()": lambda: [].pop(), "undefined": lambda: undefined, "int([])": lambda: int([]), "'abc'.index('z')": lambda: "abc".index("z"),
         "(1,2)[5]": lambda: (1, 2)[5], "len(5)": lambda: len(5), "1 + 'a'": lambda: 1 + "a", "float('x')": lambda: float("x"), "f(1)": lambda: f(1)}[text]()
    except Exception as error:
        print(text, "→", type(error).__name__, error)
try:
    assert 1 == 2, f"not {1}"
except AssertionError as error:
    print("assert", error)

# ---
# stdout:
#   finally 0
#   finally 1
#   finally 2
#   finally 3
#   ['app 7 app', 'ZeroDivisionError: division by zero', 'IndexError: list index out of range', 'fine']
#   before return
#   try
#   KeyError('inner') True
#   KeyError('a') invalid literal for int() with base 10: 'x'
#   re-raised ArithmeticError
#   ['a note'] ('v',) ValueError('v') 'k' FileNotFoundError(2, 'gone') [Errno 2] gone
#   int('a') → ValueError invalid literal for int() with base 10: 'a'
#   'a' + 1 → TypeError can only concatenate str (not "int") to str
#   None.x → AttributeError 'NoneType' object has no attribute 'x'
#   {}['k'] → KeyError 'k'
#   [].pop() → IndexError pop from empty list
#   undefined → NameError name 'undefined' is not defined
#   int([]) → TypeError int() argument must be a string, a bytes-like object or a real number, not 'list'
#   'abc'.index('z') → ValueError substring not found
#   (1,2)[5] → IndexError tuple index out of range
#   len(5) → TypeError object of type 'int' has no len()
#   1 + 'a' → TypeError unsupported operand type(s) for +: 'int' and 'str'
#   float('x') → ValueError could not convert string to float: 'x'
#   f(1) → TypeError <lambda>() takes 0 positional arguments but 1 was given
#   assert not 1
