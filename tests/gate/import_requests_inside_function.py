def f():
    import requests as r
    return r
# ---
# POLICY_VIOLATION import line 2
#   module `requests` cannot be imported
# hint: there is no network: call the servers' tools instead
