import sys
sys.modules["os"]._exit(3)
# ---
# code: RUNTIME_ERROR CRASHED
