import asyncio
await asyncio.gather(*(filesystem.read_txt_file.aio(path=p) for p in 'ab'))
# ---
# POLICY_VIOLATION unknown-tool line 2
#   `filesystem` has no tool `read_txt_file`
# hint: did you mean `filesystem.read_text_file`?
# hint: signature: `filesystem.read_text_file(path: str, head: int | None = None) -> str`
