x = 1

memory.serch_nodes(query='a')
# ---
# POLICY_VIOLATION unknown-tool line 3
#   `memory` has no tool `serch_nodes`
# hint: did you mean `memory.search_nodes`?
# hint: signature: `memory.search_nodes(query, x_id=None, from_=None)`
