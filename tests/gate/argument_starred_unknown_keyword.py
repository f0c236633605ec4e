filesystem.write_file(*x, contents=1)
# ---
# POLICY_VIOLATION unknown-argument line 1
#   `filesystem.write_file` has no argument `contents`
# hint: did you mean `content`?
# hint: signature: `filesystem.write_file(path, content)`
