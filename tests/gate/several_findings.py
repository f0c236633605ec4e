import os
open('a')
filesystem.nothing_of_that_kind()
filesystem.write_file('a')
memory.read_graph(depth=1)
exec('')
import socket
eval('')
# ---
# POLICY_VIOLATION import line 1
#   module `os` cannot be imported
#   line 2: builtin `open` is not available
#   line 3: `filesystem` has no tool `nothing_of_that_kind`
#   line 4: `filesystem.write_file` is called without `content`
#   line 5: `memory.read_graph` has no argument `depth`
#   line 6: builtin `exec` is not available
#   and 2 more
# hint: there are no local files: use `filesystem.read_text_file(path: str, head: int | None = None) -> str`
