def f():
    return [(input := x) for x in range(3)]
input()
# ---
# POLICY_VIOLATION name line 3
#   builtin `input` is not available
# hint: nobody can be asked: work with the task and the variables that are given
