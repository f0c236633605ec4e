import colections
# ---
# POLICY_VIOLATION import line 1
#   module `colections` cannot be imported
# hint: did you mean `collections`?
# hint: modules that can be imported: abc array ast asyncio base64 binascii bisect calendar cmath codecs collections collections.abc concurrent.futures contextlib contextvars copy csv dataclasses datetime decimal difflib enum fnmatch fractions functools graphlib hashlib heapq hmac html html.entities html.parser inspect io ipaddress itertools json keyword logging math numbers operator pprint queue random re reprlib secrets shlex statistics string string.templatelib struct sys textwrap threading time tomllib traceback types typing unicodedata urllib.parse uuid warnings weakref xml.etree.ElementTree zlib zoneinfo
