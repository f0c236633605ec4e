class Typed:
    def __init__(self, kind):
        self.kind = kind

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        return self if instance is None else instance.__dict__[self.name]

    def __set__(self, instance, value):
        if not isinstance(value, self.kind):
            raise TypeError(f"{self.name} must be {self.kind.__name__}")
        instance.__dict__[self.name] = value

    def __delete__(self, instance):
        instance.__dict__[self.name] = None


class Row:
    id = Typed(int)
    label = Typed(str)


row = Row()
row.id, row.label = 1, "a"
print(row.id, row.label, Row.id.name)
try:
    row.id = "x"
except TypeError as error:
    print(error)
del row.id
print(row.id)


class Lazy:
    def __init__(self, function):
        self.function = function

    def __get__(self, instance, owner):
        value = instance.__dict__[self.function.__name__] = self.function(instance)
        return value


class Page:
    reads = 0

    @Lazy
    def body(self):
        Page.reads += 1
        return "body"


page = Page()
print(page.body, page.body, Page.reads)

# ---
# stdout:
#   1 a id
#   id must be int
#   None
#   body body 1
