größe = "日本語"
print("→", größe + 1)

# ---
# code: RUNTIME_ERROR
# line: 2
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 2, in <module>
#       print("→", größe + 1)
#                  ~~~~~~^~~
#   TypeError: can only concatenate str (not "int") to str
