import dataclasses, datetime, decimal, enum
@dataclasses.dataclass
class Point:
    when: datetime.date
    amount: decimal.Decimal
class Kind(enum.Enum):
    A = "a"
answer([Point(datetime.datetime(2024, 1, 2, 3), decimal.Decimal("0.1")), datetime.date(2024, 1, 2), decimal.Decimal("1E+500"),
        {1: 2, None: 3, True: 4, 1.5: 5} if False else {2: 2, None: 3}, Kind.A, (1, 2), {3, 1, 2}, None])

# ---
# result: [{"when": "2024-01-02T03:00:00", "amount": 0.1}, "2024-01-02", "1E+500", {"2": 2, "null": 3}, "a", [1, 2], [1, 2, 3], null]
# answered: true
