filesystem.write_file('a')
# ---
# POLICY_VIOLATION missing-argument line 1
#   `filesystem.write_file` is called without `content`
# hint: signature: `filesystem.write_file(path, content)`
