class A:
    def who(self):
        return ["A"]


class B(A):
    def who(self):
        return ["B", *super().who()]


class C(A):
    def who(self):
        return ["C", *super().who()]


class D(B, C):
    def who(self):
        return ["D", *super().who()]


print(D().who(), [k.__name__ for k in D.__mro__])
try:
    type("E", (A, B), {})
except TypeError as error:
    print("TypeError", "MRO" in str(error) or "method resolution" in str(error))


class Mixin:
    def greet(self):
        return f"I am {self.name}"


class Person(Mixin):
    name = "Ann"


print(Person().greet())

# ---
# stdout:
#   ['D', 'B', 'C', 'A'] ['D', 'B', 'C', 'A', 'object']
#   TypeError True
#   I am Ann
