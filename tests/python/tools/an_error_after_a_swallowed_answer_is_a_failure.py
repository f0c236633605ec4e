try:
    answer(1)
except BaseException:
    pass
1 / 0

# ---
# answered: false
# code: RUNTIME_ERROR
# line: 5
# message: ZeroDivisionError: division by zero
