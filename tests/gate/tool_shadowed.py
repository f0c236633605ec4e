def f(filesystem):
    filesystem.nothing()
class A:
    memory = 1
    memory.nothing
for database in x:
    database.nothing()
# ---
# ok
