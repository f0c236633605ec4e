import json
import os
# ---
# POLICY_VIOLATION import line 2
#   module `os` cannot be imported
# hint: there are no local files: use `filesystem.read_text_file(path: str, head: int | None = None) -> str`
