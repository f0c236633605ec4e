import re
text = "Contact: joe@x.org, ann.b@y.co.uk; tel +44 20 7946 0958. Order #A-1234 and #B-99."
print(re.findall(r"[\w.]+@[\w.]+\w", text))
print([m.group(1) for m in re.finditer(r"#([A-Z]-\d+)", text)])
m = re.search(r"tel (\+[\d ]+)", text)
print(m.group(1).strip() if m else None)
print(re.sub(r"\d", "*", "card 1234"))

# ---
# stdout:
#   ['joe@x.org', 'ann.b@y.co.uk']
#   ['A-1234', 'B-99']
#   +44 20 7946 0958
#   card ****
