import uuid

print(uuid.uuid5(uuid.NAMESPACE_DNS, "python.org"), uuid.uuid3(uuid.NAMESPACE_URL, "x"), uuid.UUID("12345678123456781234567812345678").hex, uuid.UUID(int=1).int)
a, b = uuid.uuid4(), uuid.uuid4()
print(a != b, a.version, len(str(a)), str(a)[14], uuid.UUID(str(a)) == a, a.bytes != b.bytes)
try:
    uuid.UUID("bad")
except ValueError as error:
    print(error)

# ---
# stdout:
#   886313e1-3b8a-5372-9b90-0c9aee199e5d 60a7f89c-e446-309c-8b4f-460bfdfd0dee 12345678123456781234567812345678 1
#   True 4 36 4 True True
#   badly formed hexadecimal UUID string
