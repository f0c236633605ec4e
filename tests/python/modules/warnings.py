import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warnings.warn("one", UserWarning)
    warnings.warn("two", DeprecationWarning, stacklevel=1)
print([(str(w.message), w.category.__name__) for w in caught])
warnings.simplefilter("error", ResourceWarning)
try:
    warnings.warn("x", ResourceWarning)
except ResourceWarning as error:
    print("raised", error)

# ---
# stdout:
#   [('one', 'UserWarning'), ('two', 'DeprecationWarning')]
#   raised x
