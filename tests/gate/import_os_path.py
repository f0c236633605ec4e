from os.path import join
# ---
# POLICY_VIOLATION import line 1
#   module `os.path` cannot be imported
# hint: there are no local files: use `filesystem.read_text_file(path: str, head: int | None = None) -> str`
