class Celsius:
    def __init__(self, degrees=0):
        self.degrees = degrees

    @property
    def degrees(self):
        """Degrees."""
        return self._degrees

    @degrees.setter
    def degrees(self, value):
        if value < -273.15:
            raise ValueError("too cold")
        self._degrees = value

    @degrees.deleter
    def degrees(self):
        self._degrees = None

    @property
    def fahrenheit(self):
        return self._degrees * 9 / 5 + 32


t = Celsius(25)
print(t.fahrenheit, Celsius.degrees.__doc__)
t.degrees = 30
print(t.fahrenheit)
for action in ("t.degrees = -300", "t.fahrenheit = 1"):
    try:
        if "degrees" in action:
            t.degrees = -300
        else:
            t.fahrenheit = 1
    except (ValueError, AttributeError) as error:
        print(type(error).__name__, error)
del t.degrees
print(t.degrees)

# ---
# stdout:
#   77.0 Degrees.
#   86.0
#   ValueError too cold
#   AttributeError property 'fahrenheit' of 'Celsius' object has no setter
#   None
