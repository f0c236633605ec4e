try:
    filesystem.nothing()
except (AttributeError, TypeError):
    pass
# ---
# POLICY_VIOLATION unknown-tool line 2
#   `filesystem` has no tool `nothing`
# hint: its tools are `read_text_file`, `write_file`, `list_directory`, `list_allowed_directories`
