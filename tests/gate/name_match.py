match x:
    case {'a': open, **input}:
        open(input)
    case [eval, *compile]:
        eval(compile)
    case int() as exec:
        exec()
# ---
# ok
