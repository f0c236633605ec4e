issues = [{"id": 1, "title": "Login fails", "labels": ["bug", "p1"], "created": "2024-03-01T10:00:00", "comments": 4, "user": {"login": "ann"}},
          {"id": 2, "title": "Add dark mode", "labels": ["feature"], "created": "2024-03-05T12:30:00", "comments": 9, "user": {"login": "bob"}},
          {"id": 3, "title": "Crash on save", "labels": ["bug"], "created": "2024-02-20T09:15:00", "comments": 1, "user": {"login": "ann"}}]

from collections import Counter
c = Counter(l for i in issues for l in i["labels"])
print(c.most_common())
print(dict(c))

# ---
# stdout:
#   [('bug', 2), ('p1', 1), ('feature', 1)]
#   {'bug': 2, 'p1': 1, 'feature': 1}
