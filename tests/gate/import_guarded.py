try:
    import numpy as np
except ImportError:
    np = None
# ---
# POLICY_VIOLATION import line 2
#   module `numpy` cannot be imported
# hint: no third-party packages: use plain Python with `statistics`, `math`, `csv` and `collections`
