f = lambda input=1, *, x=eval: input
# ---
# POLICY_VIOLATION name line 1
#   builtin `eval` is not available
# hint: for data use `json.loads`, otherwise write the code directly
