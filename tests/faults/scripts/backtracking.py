import re
re.match(r"(a+)+$", "a" * 60 + "b")
# ---
# code: TIMEOUT
# line: 2
