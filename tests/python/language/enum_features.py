from enum import Enum, Flag, IntEnum, StrEnum, auto, unique


class Status(Enum):
    OPEN = "open"
    CLOSED = "closed"
    DONE = "closed"

    @property
    def final(self):
        return self is Status.CLOSED

    @classmethod
    def parse(cls, text):
        return cls(text.lower())


class Level(IntEnum):
    LOW = 1
    HIGH = auto()


class Kind(StrEnum):
    A = auto()
    B = "bee"


class Perm(Flag):
    R = auto()
    W = auto()
    X = auto()


print(Status.OPEN, repr(Status.OPEN), Status.OPEN.name, Status.OPEN.value, Status("closed"), Status["OPEN"], list(Status), Status.DONE is Status.CLOSED, len(Status))
print(Status.parse("OPEN").final, Status.CLOSED.final, Level.HIGH > Level.LOW, Level.HIGH + 1, sorted([Level.HIGH, Level.LOW]), Kind.A, f"{Kind.B}", Kind.B == "bee")
print(Perm.R | Perm.W, Perm.R in (Perm.R | Perm.X), (Perm.R | Perm.W) & Perm.W, ~Perm.R, Perm(0), list(Perm.R | Perm.X), {Status.OPEN: 1}[Status.OPEN], isinstance(Level.LOW, int))
for bad in (lambda: Status("gone"), lambda: Status["GONE"], lambda: setattr(Status, "OPEN", 1)):
    try:
        bad()
    except (ValueError, KeyError, AttributeError) as error:
        print(type(error).__name__, error)
Animal = Enum("Animal", "CAT DOG")
print(list(Animal), Animal.DOG.value)
try:

    @unique
    class Twice(Enum):
        A = 1
        B = 1

except ValueError as error:
    print(error)


class Planet(Enum):
    EARTH = (5.9, 6.3)

    def __init__(self, mass, radius):
        self.mass, self.radius = mass, radius


print(Planet.EARTH.mass, Planet.EARTH.value, [m.name for m in Status], Status.__members__.keys() >= {"DONE"})

# ---
# stdout:
#   Status.OPEN <Status.OPEN: 'open'> OPEN open Status.CLOSED Status.OPEN [<Status.OPEN: 'open'>, <Status.CLOSED: 'closed'>] True 2
#   False True True 3 [<Level.LOW: 1>, <Level.HIGH: 2>] a bee True
#   Perm.R|W True Perm.W Perm.W|X Perm(0) [<Perm.R: 1>, <Perm.X: 4>] 1 True
#   ValueError 'gone' is not a valid Status
#   KeyError 'GONE'
#   AttributeError cannot reassign member 'OPEN'
#   [<Animal.CAT: 1>, <Animal.DOG: 2>] 2
#   duplicate values found in <enum 'Twice'>: B -> A
#   5.9 (5.9, 6.3) ['OPEN', 'CLOSED'] True
