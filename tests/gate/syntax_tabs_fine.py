if x:
<TAB>y = 1
# ---
# ok
