issues = [{"id": 1, "title": "Login fails", "labels": ["bug", "p1"], "created": "2024-03-01T10:00:00", "comments": 4, "user": {"login": "ann"}},
          {"id": 2, "title": "Add dark mode", "labels": ["feature"], "created": "2024-03-05T12:30:00", "comments": 9, "user": {"login": "bob"}},
          {"id": 3, "title": "Crash on save", "labels": ["bug"], "created": "2024-02-20T09:15:00", "comments": 1, "user": {"login": "ann"}}]

bugs = [i for i in issues if "bug" in i["labels"]]
for b in sorted(bugs, key=lambda i: i["comments"], reverse=True):
    print(f"#{b['id']} {b['title']:<20} {b['comments']:>3} comments by {b['user']['login']}")

# ---
# stdout:
#   #1 Login fails            4 comments by ann
#   #3 Crash on save          1 comments by ann
