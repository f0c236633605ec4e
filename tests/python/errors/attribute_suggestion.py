class Order:
    def __init__(self):
        self.quantity = 1


print(Order().quantiy)

# ---
# code: RUNTIME_ERROR
# line: 6
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 6, in <module>
#       print(Order().quantiy)
#             ^^^^^^^^^^^^^^^
#   AttributeError: 'Order' object has no attribute 'quantiy'. Did you mean: 'quantity'?
