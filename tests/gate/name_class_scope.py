class A:
    open = 1
    x = open
    def f(self):
        return open('x')
# ---
# POLICY_VIOLATION name line 5
#   builtin `open` is not available
# hint: there are no local files: use `filesystem.read_text_file(path: str, head: int | None = None) -> str`
