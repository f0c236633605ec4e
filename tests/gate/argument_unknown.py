filesystem.read_text_file(pth='a')
# ---
# POLICY_VIOLATION unknown-argument line 1
#   `filesystem.read_text_file` has no argument `pth`
# hint: did you mean `path`?
# hint: signature: `filesystem.read_text_file(path: str, head: int | None = None) -> str`
