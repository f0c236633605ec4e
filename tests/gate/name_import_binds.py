from io import open
import json as eval
open(eval)
# ---
# ok
