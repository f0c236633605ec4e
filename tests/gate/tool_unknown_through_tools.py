import tools as t
t.filesystem.list_dir(path='/')
tools.memory.query(sql='x')
# ---
# POLICY_VIOLATION unknown-tool line 2
#   `filesystem` has no tool `list_dir`
#   line 3: `memory` has no tool `query`
# hint: did you mean `filesystem.list_directory`?
# hint: signature: `filesystem.list_directory(path)`
