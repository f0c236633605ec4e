def list_page(page, per=3):
    data = list(range(8))
    return {"items": data[page * per:(page + 1) * per], "next": page + 1 if (page + 1) * per < len(data) else None}
items, page = [], 0
while page is not None:
    resp = list_page(page)
    items.extend(resp["items"])
    page = resp["next"]
print(items, len(items))

# ---
# stdout:
#   [0, 1, 2, 3, 4, 5, 6, 7] 8
