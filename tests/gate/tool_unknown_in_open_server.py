database.qury(sql='x')
# ---
# POLICY_VIOLATION unknown-tool line 1
#   `database` has no tool `qury`
# hint: did you mean `database.query`?
# hint: signature: `database.query(sql)`
