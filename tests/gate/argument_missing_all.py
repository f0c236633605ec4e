time_.get_current_time()
filesystem.write_file()
# ---
# POLICY_VIOLATION missing-argument line 1
#   `time_.get_current_time` is called without `timezone`
#   line 2: `filesystem.write_file` is called without `path`, `content`
# hint: signature: `time_.get_current_time(timezone)`
