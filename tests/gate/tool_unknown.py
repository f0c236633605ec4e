from tools import filesystem
text = filesystem.read_file(path='a')
# ---
# POLICY_VIOLATION unknown-tool line 2
#   `filesystem` has no tool `read_file`
# hint: did you mean `filesystem.read_text_file`?
# hint: signature: `filesystem.read_text_file(path: str, head: int | None = None) -> str`
