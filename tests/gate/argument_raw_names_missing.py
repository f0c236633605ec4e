memory.search_nodes(**{'x-id': 1})
# ---
# POLICY_VIOLATION missing-argument line 1
#   `memory.search_nodes` is called without `query`
# hint: signature: `memory.search_nodes(query, x_id=None, from_=None)`
