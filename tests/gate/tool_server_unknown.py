tools.filesytem.read_text_file(path='a')
# ---
# POLICY_VIOLATION unknown-server line 1
#   there is no server `filesytem` in `tools`
# hint: did you mean `filesystem`?
