import os

# ---
# code: POLICY_VIOLATION
# line: 1
# hint: there are no local files: use the servers' tools, or `io.StringIO` for text in memory
# traceback:
#   module `os` cannot be imported
