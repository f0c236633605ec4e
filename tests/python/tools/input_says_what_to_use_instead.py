name = input("name? ")

# ---
# code: POLICY_VIOLATION
# line: 1
# hint: nobody can be asked: work with the task and the variables that are given
# traceback:
#   builtin `input` is not available
