import secrets

print(len(secrets.token_hex(8)), len(secrets.token_bytes(5)), secrets.token_urlsafe() != secrets.token_urlsafe(), secrets.randbelow(1), secrets.choice([4]), secrets.compare_digest("a", "a"), 0 <= secrets.randbits(8) < 256)

# ---
# stdout:
#   16 5 True 0 4 True True
