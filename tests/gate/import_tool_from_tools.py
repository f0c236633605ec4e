from tools import read_text_file
# ---
# POLICY_VIOLATION unknown-server line 1
#   there is no server `read_text_file` in `tools`
# hint: `read_text_file` is a tool of `filesystem`: `from tools import filesystem`, then `filesystem.read_text_file(…)`
