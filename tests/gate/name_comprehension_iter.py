[input for input in input]
# ---
# POLICY_VIOLATION name line 1
#   builtin `input` is not available
# hint: nobody can be asked: work with the task and the variables that are given
