x = [filesystem.list_directory.aio(path='a', recursive=True)]
# ---
# POLICY_VIOLATION unknown-argument line 1
#   `filesystem.list_directory` has no argument `recursive`
# hint: signature: `filesystem.list_directory(path)`
