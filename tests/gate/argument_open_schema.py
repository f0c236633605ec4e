database.query(sql='x', extra=1)
database.query()
# ---
# ok
