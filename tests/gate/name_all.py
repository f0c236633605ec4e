exec('1')
eval('1')
compile('1', '', 'exec')
__import__('os')
input()
breakpoint()
[open]
# ---
# POLICY_VIOLATION name line 1
#   builtin `exec` is not available
#   line 2: builtin `eval` is not available
#   line 3: builtin `compile` is not available
#   line 4: builtin `__import__` is not available
#   line 5: builtin `input` is not available
#   line 6: builtin `breakpoint` is not available
#   and 1 more
# hint: write the code directly
