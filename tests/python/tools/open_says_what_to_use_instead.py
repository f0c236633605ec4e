import io

io.open("file.txt")

# ---
# code: RUNTIME_ERROR
# line: 3
# hint: read and write files with the tools of a server
# traceback:
#   Traceback (most recent call last):
#     File "<script 1>", line 3, in <module>
#       io.open("file.txt")
#       ~~~~~~~^^^^^^^^^^^^
#   PermissionError: open() is not available to scripts: there are no files here; read and write them with a tool of a server
