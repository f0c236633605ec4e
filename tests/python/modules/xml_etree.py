import xml.etree.ElementTree as ET

root = ET.fromstring('<r><a id="1">x<b/>tail</a><a id="2">y &amp; z</a><n:c xmlns:n="urn:n">é</n:c></r>')
print(root.tag, len(root), root[0].attrib, root.find("a").text, [e.get("id") for e in root.findall("a")], root.findtext("a[@id='2']"), root[0][0].tail, root.find("{urn:n}c").text, [e.tag for e in root.iter()], "".join(root[0].itertext()))
new = ET.Element("x", {"k": "v<"})
ET.SubElement(new, "y").text = "a & b"
new.append(ET.Comment("c"))
print(ET.tostring(new, encoding="unicode"), ET.tostring(new)[:5], root.find(".//b").tag, root.find("a[2]").get("id"))
ET.indent(new)
print(ET.tostring(new, encoding="unicode"))
root.remove(root[0])
root[0].set("id", "9")
print(ET.tostring(root[0], encoding="unicode"), [e.attrib for e in ET.fromstring("<a><b c='1'/></a>")])
for bad in ("<a><b></a>", "<a>", "", "<a>&nope;</a>", "<a/>x", "<a>\n<b>\n</c></a>", "<a"):
    try:
        ET.fromstring(bad)
    except ET.ParseError as error:
        print(error.code, error.position, str(error).split(" line")[0].removesuffix(":").split(" &")[0])
import io

tree = ET.parse(io.BytesIO("<?xml version='1.0' encoding='latin-1'?><a>é<b/></a>".encode("latin-1")))
print(tree.getroot().text, [event for event, _ in ET.iterparse(io.BytesIO(b"<a><b/></a>"), events=("start", "end"))])
pull = ET.XMLPullParser(["end"])
pull.feed("<a><b/>")
pull.feed("</a>")
print([e.tag for _, e in pull.read_events()])

# ---
# stdout:
#   r 3 {'id': '1'} x ['1', '2'] y & z tail é ['r', 'a', 'b', 'a', '{urn:n}c'] xtail
#   <x k="v&lt;"><y>a &amp; b</y><!--c--></x> b'<x k=' b 2
#   <x k="v&lt;">
#     <y>a &amp; b</y>
#     <!--c-->
#   </x>
#   <a id="9">y &amp; z</a> [{'c': '1'}]
#   7 (1, 8) mismatched tag
#   3 (1, 3) no element found
#   3 (1, 0) no element found
#   11 (1, 3) undefined entity
#   9 (1, 4) junk after document element
#   7 (3, 2) mismatched tag
#   5 (1, 0) unclosed token
#   é ['start', 'start', 'end', 'end']
#   ['b', 'a']
