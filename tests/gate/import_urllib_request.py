import urllib.request
# ---
# POLICY_VIOLATION import line 1
#   module `urllib.request` cannot be imported
# hint: there is no network: call the servers' tools instead
