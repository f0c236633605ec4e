

# the parser itself stops without a word at what is no XML
import _mcm_xml

XMLParser = _mcm_xml.strict(XMLParser, ParseError)
