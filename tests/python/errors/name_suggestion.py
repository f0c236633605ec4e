customer_name = "Ann"
print(custmer_name)

# ---
# code: RUNTIME_ERROR
# line: 2
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       print(custmer_name)
#             ^^^^^^^^^^^^
#   NameError: name 'custmer_name' is not defined. Did you mean: 'customer_name'?
