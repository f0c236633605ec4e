import hashlib
import hmac

print(hashlib.md5(b"a").hexdigest(), hashlib.sha1(b"a").hexdigest(), hashlib.sha256(b"a").hexdigest())
print(hashlib.sha512(b"a").hexdigest()[:32], hashlib.sha3_256(b"a").hexdigest()[:32], hashlib.blake2b(b"a", digest_size=8).hexdigest(), hashlib.blake2s(b"a").hexdigest()[:16], hashlib.sha224(b"").hexdigest()[:16], hashlib.sha384(b"").hexdigest()[:16])
h = hashlib.new("sha256")
h.update(b"a")
h.update(b"b")
print(h.hexdigest() == hashlib.sha256(b"ab").hexdigest(), h.digest_size, h.block_size, h.name, h.copy().digest()[:2], {"md5", "sha1", "sha256"} <= hashlib.algorithms_available)
print(hmac.new(b"key", b"message", "sha256").hexdigest(), hmac.compare_digest("a", "a"), hmac.digest(b"k", b"m", "sha1").hex(), hashlib.pbkdf2_hmac("sha256", b"pw", b"salt", 10).hex()[:16])
try:
    hashlib.new("nope")
except ValueError as error:
    print(type(error).__name__)

# ---
# stdout:
#   0cc175b9c0f1b6a831c399e269772661 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8 ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb
#   1f40fc92da241694750979ee6cf582f2 80084bf2fba02475726feb2cab2d8215 40f89e395b66422f 4a0d129873403037 d14a028c2a3a2bc9 38b060a751ac9638
#   True 32 64 sha256 b'\xfb\x8e' True
#   6e9ef29b75fffc5b7abae527d58fdadb2fe42e7219011976917343065f58ed4a True 772b71c8a2997e768be01d9711e4a4f34a24ef33 72aecd14244887c3
#   ValueError
