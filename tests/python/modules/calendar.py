import calendar

print(*map(int, calendar.monthrange(2024, 2)), calendar.isleap(2100), calendar.leapdays(2000, 2025), calendar.day_name[0], calendar.month_abbr[12], calendar.weekday(2024, 3, 9), calendar.month(2024, 2), calendar.timegm((1970, 1, 2, 0, 0, 0)))
print(calendar.Calendar(6).monthdayscalendar(2024, 2)[0], len(list(calendar.Calendar().itermonthdates(2024, 2))))

# ---
# stdout:
#   3 29 False 7 Monday Dec 5    February 2024
#   Mo Tu We Th Fr Sa Su
#             1  2  3  4
#    5  6  7  8  9 10 11
#   12 13 14 15 16 17 18
#   19 20 21 22 23 24 25
#   26 27 28 29
#    86400
#   [0, 0, 0, 0, 1, 2, 3] 35
