from tools import filesystm as fs
# ---
# POLICY_VIOLATION unknown-server line 1
#   there is no server `filesystm` in `tools`
# hint: did you mean `filesystem`?
