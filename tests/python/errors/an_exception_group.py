def fail(n):
    if n % 2:
        raise ValueError(f"odd {n}")
    raise KeyError(n)


errors = []
for n in range(2):
    try:
        fail(n)
    except Exception as error:
        errors.append(error)
raise ExceptionGroup("two failed", errors)

# ---
# code: RUNTIME_ERROR
# line: 13
# traceback:
#     + Exception Group Traceback (most recent call last):
#     |   File "<script 1>", line 13, in <module>
#     |     raise ExceptionGroup("two failed", errors)
#     | ExceptionGroup: two failed (2 sub-exceptions)
#     +-+---------------- 1 ----------------
#       | Traceback (most recent call last):
#       |   File "<script 1>", line 10, in <module>
#       |     fail(n)
#       |     ~~~~^^^
#       |   File "<script 1>", line 4, in fail
#       |     raise KeyError(n)
#       | KeyError: 0
#       +---------------- 2 ----------------
#       | Traceback (most recent call last):
#       |   File "<script 1>", line 10, in <module>
#       |     fail(n)
#       |     ~~~~^^^
#       |   File "<script 1>", line 3, in fail
#       |     raise ValueError(f"odd {n}")
#       | ValueError: odd 1
#       +------------------------------------
