"""Whether a text is XML: RustPython's own parser gives what it has read until then and no error.

It knows what machines and people get wrong: tags, attributes, references, text outside of the document.
"""
import codecs
import re

_TOKEN = re.compile(
    r"""<!--.*?--> | <!\[CDATA\[.*?\]\]> | <\?.*?\?>
    | (?P<doctype> <!DOCTYPE (?: [^\[\]>"'] | "[^"]*" | '[^']*' | \[ (?: [^\]"'] | "[^"]*" | '[^']*' )* \] )* >)
    | <(?P<end>/?) (?P<name>[^\s/>"'=<&!?]+) (?P<attributes> (?: \s+ [^\s=/><"']+ \s*=\s* (?: "[^"<]*" | '[^'<]*' ) )*) \s*(?P<empty>/?)>
    """,
    re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([^\s=/><"']+)\s*=\s*(?:"[^"]*"|'[^']*')""")
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)(?P<name>\w+;)?")
_ENCODING = re.compile(r"""(<\?xml[^>]*?)\sencoding\s*=\s*["']([\w.-]+)["']""")
_NOT_WELL_FORMED = "not well-formed (invalid token)"
_CODES = {
    "no element found": 3,
    _NOT_WELL_FORMED: 4,
    "unclosed token": 5,
    "mismatched tag": 7,
    "duplicate attribute": 8,
    "junk after document element": 9,
    "undefined entity": 11,
}


def strict(parser, error):
    """A class as `parser`, but when it has been fed all and that was no XML, it raises `error`."""

    class XMLParser(parser):
        def feed(self, data):
            if "_fed" not in self.__dict__:
                self._fed, self._decode = [], _decoder(data)
            if not isinstance(data, str):
                data = self._decode(data)
            # the text is no longer in the encoding that it names
            self._fed.append(data if self._fed else _ENCODING.sub(r"\1", data, count=1))
            return super().feed(self._fed[-1])

        def close(self):
            text = "".join(self.__dict__.pop("_fed", []))
            found = _fault(text)
            if found:
                raise _raised(error, text, *found)
            return super().close()

        def _parse_whole(self, file):
            while data := file.read(1 << 16):
                self.feed(data)
            return self.close()

    XMLParser.__module__, XMLParser.__qualname__ = parser.__module__, parser.__qualname__
    return XMLParser


def _raised(error, text, message, at):
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at) - 1
    raised = error(f"{message}: line {line}, column {column}")
    raised.code, raised.position = _CODES[message.partition(" &")[0]], (line, column)
    return raised


def _decoder(data):
    """From bytes, of which these are the first, to text."""
    data = data.encode() if isinstance(data, str) else bytes(data)
    declared = _ENCODING.match(data.decode("latin-1"))
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else declared[2] if declared else "utf-8-sig"
    return codecs.getincrementaldecoder(encoding)("replace").decode


def _fault(text):
    """What is wrong first, and where; None for XML."""
    opened, rooted, entities, at = [], False, False, 0
    text = text.removeprefix("\ufeff")
    while True:
        token = text.find("<", at)
        fault = _between(text, at, len(text) if token < 0 else token, opened, rooted, entities)
        if fault:
            return fault
        if token < 0:
            return None if rooted and not opened else ("no element found", len(text))
        found = _TOKEN.match(text, token)
        if found is None:
            return "unclosed token" if text.find(">", token) < 0 else _NOT_WELL_FORMED, token
        at = found.end()
        if found["doctype"]:
            entities = True
        name = found["name"]
        if name is None:
            continue
        if found["end"]:
            if not opened or opened.pop() != name:
                return "mismatched tag", token + 2
            continue
        if rooted and not opened:
            return "junk after document element", token
        fault = _attributes(found, entities)
        if fault:
            return fault
        rooted = True
        if not found["empty"]:
            opened.append(name)


def _between(text, start, end, opened, rooted, entities):
    if opened:
        return _reference(text, start, end, entities)
    if text[start:end].strip():
        start += len(text[start:end]) - len(text[start:end].lstrip())
        return "junk after document element" if rooted else _NOT_WELL_FORMED, start
    return None


def _attributes(tag, entities):
    if not tag["attributes"]:
        return None
    names = [found[1] for found in _ATTRIBUTE.finditer(tag["attributes"])]
    if len(set(names)) < len(names):
        return "duplicate attribute", tag.start("attributes") + 1
    return _reference(tag.string, tag.start("attributes"), tag.end("attributes"), entities)


def _reference(text, start, end, entities):
    if text.find("&", start, end) < 0:
        return None
    found = _REFERENCE.search(text, start, end)
    if found is None or (found["name"] and entities):
        return None
    return f"undefined entity &{found['name']}" if found["name"] else _NOT_WELL_FORMED, found.start()
