try:
    toy.fail("inner")
except ToolError as e:
    raise ValueError("outer") from e

# ---
# code: RUNTIME_ERROR
# line: 4
# message: ToolError: toy.fail: inner
# message: direct cause
# message: ValueError: outer
