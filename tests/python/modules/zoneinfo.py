from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

berlin, ny = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
summer = datetime(2024, 7, 1, 12, tzinfo=berlin)
print(summer, summer.astimezone(ny), summer.utcoffset(), summer.tzname(), summer.dst(), datetime(2024, 1, 1, tzinfo=berlin).tzname(), berlin.key)
before = datetime(2024, 3, 31, 1, 30, tzinfo=berlin)
print(before, (before.astimezone(timezone.utc) + timedelta(hours=1)).astimezone(berlin), datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=berlin).utcoffset(), datetime(2024, 10, 27, 2, 30, tzinfo=berlin).utcoffset())
print(datetime(1970, 1, 1, tzinfo=ZoneInfo("Asia/Kolkata")).utcoffset(), datetime(2050, 7, 1, tzinfo=ny).utcoffset(), ZoneInfo("UTC").utcoffset(summer), len(available_timezones()) > 400, "Asia/Tokyo" in available_timezones(), ZoneInfo("Europe/Berlin") is berlin, str(berlin), repr(ny))
try:
    ZoneInfo("Mars/Olympus")
except ZoneInfoNotFoundError as error:
    print(type(error).__name__, isinstance(error, KeyError))

# ---
# stdout:
#   2024-07-01 12:00:00+02:00 2024-07-01 06:00:00-04:00 2:00:00 CEST 1:00:00 CET Europe/Berlin
#   2024-03-31 01:30:00+01:00 2024-03-31 03:30:00+02:00 1:00:00 2:00:00
#   5:30:00 -1 day, 20:00:00 0:00:00 True True True Europe/Berlin zoneinfo.ZoneInfo(key='America/New_York')
#   ZoneInfoNotFoundError True
