import sys
sys.exit(3)
# ---
# code: RUNTIME_ERROR
# line: 2
