from filesystem import read_text_file
# ---
# POLICY_VIOLATION import line 1
#   module `filesystem` cannot be imported
# hint: `filesystem` is a server: `from tools import filesystem`
