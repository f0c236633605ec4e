def f():
    open = 1
    return open
def g():
    return open('x')
# ---
# POLICY_VIOLATION name line 5
#   builtin `open` is not available
# hint: there are no local files: use `filesystem.read_text_file(path: str, head: int | None = None) -> str`
