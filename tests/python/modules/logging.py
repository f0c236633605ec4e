import io
import logging

out = io.StringIO()
handler = logging.StreamHandler(out)
handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
log = logging.getLogger("app.db")
log.addHandler(handler)
log.setLevel(logging.INFO)
log.propagate = False
log.debug("hidden")
log.info("shown %d %s", 1, "x")
log.warning("w")
try:
    1 / 0
except ZeroDivisionError:
    log.error("failed", exc_info=False)
log.log(logging.CRITICAL, "c", extra={"k": 1})
print(out.getvalue(), log.isEnabledFor(10), log.getEffectiveLevel(), log.parent.name, logging.getLevelName(30), logging.getLogger("app.db") is log)


class Only(logging.Filter):
    def filter(self, record):
        return "keep" in record.getMessage()


handler.addFilter(Only())
out.seek(0)
out.truncate()
log.info("drop")
log.info("keep")
print(out.getvalue(), end="")

# ---
# stdout:
#   INFO:app.db:shown 1 x
#   WARNING:app.db:w
#   ERROR:app.db:failed
#   CRITICAL:app.db:c
#    False 20 root WARNING True
#   INFO:app.db:keep
