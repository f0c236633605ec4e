memory.search_nodes('a', **{'x-id': 1})
memory.search_nodes(query='a', x_id=1, from_=2)
memory.search_nodes(**{'query': 'a', 'from': 2})
# ---
# ok
