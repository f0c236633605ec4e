import re

text = "user42@example.com wrote 17 times on 2026-03-04; " * 400
for _ in range(10):
    found = re.findall(r"(\w+)@(\w+)\.com", text)
    found += re.findall(r"\d{4}-\d\d-\d\d", text)
    found += re.split(r"[;\s]+", text)
