issues = [{"id": 1, "title": "Login fails", "labels": ["bug", "p1"], "created": "2024-03-01T10:00:00", "comments": 4, "user": {"login": "ann"}},
          {"id": 2, "title": "Add dark mode", "labels": ["feature"], "created": "2024-03-05T12:30:00", "comments": 9, "user": {"login": "bob"}},
          {"id": 3, "title": "Crash on save", "labels": ["bug"], "created": "2024-02-20T09:15:00", "comments": 1, "user": {"login": "ann"}}]

from datetime import datetime, timedelta
now = datetime(2024, 3, 10)
for i in issues:
    age = now - datetime.fromisoformat(i["created"])
    print(i["id"], age.days, "stale" if age > timedelta(days=7) else "fresh")

# ---
# stdout:
#   1 8 stale
#   2 4 fresh
#   3 18 stale
