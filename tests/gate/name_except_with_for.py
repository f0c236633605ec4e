for open in x: open()
with y as (input, [eval]): input(eval)
try:
    pass
except Exception as compile:
    compile()
# ---
# ok
