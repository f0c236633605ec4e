issues = [{"id": 1, "title": "Login fails", "labels": ["bug", "p1"], "created": "2024-03-01T10:00:00", "comments": 4, "user": {"login": "ann"}},
          {"id": 2, "title": "Add dark mode", "labels": ["feature"], "created": "2024-03-05T12:30:00", "comments": 9, "user": {"login": "bob"}},
          {"id": 3, "title": "Crash on save", "labels": ["bug"], "created": "2024-02-20T09:15:00", "comments": 1, "user": {"login": "ann"}}]

from collections import defaultdict
by_user = defaultdict(list)
for i in issues:
    by_user[i["user"]["login"]].append(i["id"])
for user, ids in sorted(by_user.items()):
    print(user, len(ids), ids)

# ---
# stdout:
#   ann 2 [1, 3]
#   bob 1 [2]
