from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as pool:
    pool.map(filesystem.read_text, ['a'])
# ---
# POLICY_VIOLATION unknown-tool line 3
#   `filesystem` has no tool `read_text`
# hint: did you mean `filesystem.read_text_file`?
# hint: signature: `filesystem.read_text_file(path: str, head: int | None = None) -> str`
