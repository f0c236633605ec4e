match x:
    case 1 if input():
        pass
# ---
# POLICY_VIOLATION name line 2
#   builtin `input` is not available
# hint: nobody can be asked: work with the task and the variables that are given
