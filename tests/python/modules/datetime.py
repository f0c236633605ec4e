from datetime import UTC, date, datetime, time, timedelta, timezone

d, t = date(2024, 2, 28), datetime(2024, 3, 9, 14, 5, 6, 789)
print(d + timedelta(days=2), d.isoformat(), d.weekday(), d.isocalendar(), d.replace(month=12), (date(2024, 12, 25) - d).days, d.strftime("%d/%m/%y %a %B"), date.fromisoformat("2024-01-05"), d < date(2024, 3, 1), d.toordinal(), date.fromordinal(738000), d.timetuple().tm_yday)
print(t, t.isoformat(sep=" ", timespec="minutes"), t.date(), t.time(), t.timestamp() > 0, datetime.strptime("09 Mar 2024 02:05 PM", "%d %b %Y %I:%M %p"), t.replace(tzinfo=UTC).isoformat(), datetime.fromisoformat("2024-03-09T14:05:06+02:00"), datetime.fromisoformat("2024-03-09T14:05:06Z").utcoffset())
tz = timezone(timedelta(hours=5, minutes=30), "IST")
aware = datetime(2024, 1, 1, 12, tzinfo=tz)
print(aware, aware.astimezone(UTC), aware.tzname(), aware == datetime(2024, 1, 1, 6, 30, tzinfo=UTC), datetime.fromtimestamp(0, UTC), aware.strftime("%z %Z"), datetime.combine(d, time(1, 2)), time(23, 59).isoformat(), time.fromisoformat("04:05"))
delta = timedelta(days=1, hours=25, seconds=61)
print(delta, delta.total_seconds(), delta.days, delta.seconds, -delta, delta / 2, delta // timedelta(hours=1), delta * 2, divmod(delta, timedelta(days=1)), timedelta(weeks=1) > delta, abs(timedelta(-1)), repr(timedelta(1, 2, 3)), sum([delta, delta], timedelta()))
print(repr(t), repr(d), f"{t:%Y%m%dT%H%M%S}", t.strftime("%f %p %U %j %%"), max(d, date(2023, 1, 1)), {d: 1}[date(2024, 2, 28)], datetime.min.year, date(2024, 2, 29).replace(year=2028))
for bad in (lambda: date(2024, 2, 30), lambda: datetime.strptime("x", "%Y"), lambda: date.fromisoformat("2024-13-01"), lambda: datetime(2024, 1, 1) - aware):
    try:
        bad()
    except (ValueError, TypeError) as error:
        print(type(error).__name__)
now = datetime.now(UTC)
print(abs(datetime.now() - datetime.now()) < timedelta(seconds=5), now.tzinfo, now.year >= 2024, date.today() - now.date() <= timedelta(days=1))

# ---
# stdout:
#   2024-03-01 2024-02-28 2 datetime.IsoCalendarDate(year=2024, week=9, weekday=3) 2024-12-28 301 28/02/24 Wed February 2024-01-05 True 738944 2021-07-29 59
#   2024-03-09 14:05:06.000789 2024-03-09 14:05 2024-03-09 14:05:06.000789 True 2024-03-09 14:05:00 2024-03-09T14:05:06.000789+00:00 2024-03-09 14:05:06+02:00 0:00:00
#   2024-01-01 12:00:00+05:30 2024-01-01 06:30:00+00:00 IST True 1970-01-01 00:00:00+00:00 +0530 IST 2024-02-28 01:02:00 23:59:00 04:05:00
#   2 days, 1:01:01 176461.0 2 3661 -3 days, 22:58:59 1 day, 0:30:30.500000 49 4 days, 2:02:02 (2, datetime.timedelta(seconds=3661)) True 1 day, 0:00:00 datetime.timedelta(days=1, seconds=2, microseconds=3) 4 days, 2:02:02
#   datetime.datetime(2024, 3, 9, 14, 5, 6, 789) datetime.date(2024, 2, 28) 20240309T140506 000789 PM 09 069 % 2024-02-28 1 1 2028-02-29
#   ValueError
#   ValueError
#   ValueError
#   TypeError
#   True UTC True True
