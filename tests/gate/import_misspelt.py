import colections
# ---
# POLICY_VIOLATION import line 1
#   module `colections` cannot be imported
# hint: did you mean `collections`?
# hint: modules that can be imported: asyncio base64 bisect calendar collections concurrent.futures contextlib copy csv dataclasses datetime decimal difflib enum fractions functools hashlib heapq html io itertools json math numbers operator pprint random re secrets statistics string struct sys textwrap time traceback types typing unicodedata urllib.parse uuid zlib zoneinfo
