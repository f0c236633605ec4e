def area(width: float, height: float = 1) -> float:
    """Of a rectangle."""
    return width * height


help(area)
help(len)
help(tools)

# ---
# stdout:
#   area(width: float, height: float = 1) -> float
#   Of a rectangle.
#   len(obj, /)
#   The servers' tools, one namespace per server.
#     call
#     complete
#     describe
#     list
#     prompt
#     prompts
#     read_resource
#     resources
#     search
#     toy
