x = '🙂'; y = '\ud800 \xff \N{BULLET}'
open(x)
# ---
# POLICY_VIOLATION name line 2
#   builtin `open` is not available
# hint: there are no local files: use `filesystem.read_text_file(path: str, head: int | None = None) -> str`
