def f(filesystem):
    filesystem.nothing()
filesystem.something_else_entirely()
# ---
# POLICY_VIOLATION unknown-tool line 3
#   `filesystem` has no tool `something_else_entirely`
# hint: its tools are `read_text_file`, `write_file`, `list_directory`, `list_allowed_directories`
