x = 1<CR>y = 2<CR>open('a')
# ---
# POLICY_VIOLATION name line 3
#   builtin `open` is not available
# hint: there are no local files: use `filesystem.read_text_file(path: str, head: int | None = None) -> str`
