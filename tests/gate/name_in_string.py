x = 'open(1)'  # open(2)
# ---
# ok
