object

# ---
# result: "<class 'object'>"
