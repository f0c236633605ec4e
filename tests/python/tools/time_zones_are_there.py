from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones
print(datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin")).isoformat(), len(available_timezones()) > 400)

# ---
# stdout:
#   2024-07-01T12:00:00+02:00 True
