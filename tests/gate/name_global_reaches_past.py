def f():
    input = 1
    def g():
        global input
        return input()
    return g
# ---
# POLICY_VIOLATION name line 5
#   builtin `input` is not available
# hint: nobody can be asked: work with the task and the variables that are given
