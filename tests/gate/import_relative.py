from . import helpers
# ---
# POLICY_VIOLATION import line 1
#   relative imports are not possible, a script is no package
# hint: import a module by its name
