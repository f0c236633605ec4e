("%0" + "9" * 12 + "d") % 1
# ---
# code: MEMORY_LIMIT
# line: 1
# message: the script used up its memory
