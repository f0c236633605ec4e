with open('a.txt') as f:
    print(f.read())
# ---
# POLICY_VIOLATION name line 1
#   builtin `open` is not available
# hint: there are no local files: use `filesystem.read_text_file(path: str, head: int | None = None) -> str`
