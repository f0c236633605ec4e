filesystem.read_text_file('a', 1, 2)
filesystem.list_allowed_directories('/')
# ---
# POLICY_VIOLATION unknown-argument line 1
#   `filesystem.read_text_file` takes 2 arguments, 3 are given
#   line 2: `filesystem.list_allowed_directories` takes 0 arguments, 1 are given
# hint: signature: `filesystem.read_text_file(path: str, head: int | None = None) -> str`
