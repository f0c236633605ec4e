issues = [{"id": 1, "title": "Login fails", "labels": ["bug", "p1"], "created": "2024-03-01T10:00:00", "comments": 4, "user": {"login": "ann"}},
          {"id": 2, "title": "Add dark mode", "labels": ["feature"], "created": "2024-03-05T12:30:00", "comments": 9, "user": {"login": "bob"}},
          {"id": 3, "title": "Crash on save", "labels": ["bug"], "created": "2024-02-20T09:15:00", "comments": 1, "user": {"login": "ann"}}]

import json
result = {"total": len(issues), "open": [i["id"] for i in issues], "avg": sum(i["comments"] for i in issues) / len(issues)}
print(json.dumps(result, indent=2))

# ---
# stdout:
#   {
#     "total": 3,
#     "open": [
#       1,
#       2,
#       3
#     ],
#     "avg": 4.666666666666667
#   }
