image = toy.image()
print(image.mime, image.size, len(image.bytes()) == image.size)
answer([sorted(k for k in ("mime", "size", "path") if getattr(image, k) is not None)])

# ---
# result: [["mime", "path", "size"]]
# answered: true
# stdout:
#   image/png 4 True
