from tools import filesystem as fs
def f():
    return fs.delete_everything_now()
# ---
# POLICY_VIOLATION unknown-tool line 3
#   `filesystem` has no tool `delete_everything_now`
# hint: its tools are `read_text_file`, `write_file`, `list_directory`, `list_allowed_directories`
