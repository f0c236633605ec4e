from concurrent.futures import ThreadPoolExecutor


def half(n):
    return 10 / n


with ThreadPoolExecutor() as pool:
    print(list(pool.map(half, [5, 0])))

# ---
# code: RUNTIME_ERROR
# line: 5
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 9, in <module>
#       print(list(pool.map(half, [5, 0])))
#             ~~~~^^^^^^^^^^^^^^^^^^^^^^^^
#     File "<script 1>", line 5, in half
#       return 10 / n
#              ~~~^~~
#   ZeroDivisionError: division by zero
