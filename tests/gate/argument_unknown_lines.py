filesystem.write_file(
    path='a',
    contents='b',
)
# ---
# POLICY_VIOLATION unknown-argument line 3
#   `filesystem.write_file` has no argument `contents`
# hint: did you mean `content`?
# hint: signature: `filesystem.write_file(path, content)`
