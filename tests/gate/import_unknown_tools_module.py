import tools.nothing_like_it
# ---
# POLICY_VIOLATION unknown-server line 1
#   there is no server `nothing_like_it` in `tools`
# hint: the servers are `filesystem`, `memory`, `database`, `time_`
