from urllib.parse import parse_qs, parse_qsl, quote, quote_plus, unquote, unquote_plus, urlencode, urljoin, urlparse, urlsplit, urlunsplit

u = urlparse("https://user:pw@example.org:8080/a/b;p?q=1&q=2&r=%C3%A9#frag")
print(u.scheme, u.netloc, u.hostname, u.port, u.path, u.params, u.query, u.fragment, u.username, u.geturl() == u._replace().geturl())
print(parse_qs(u.query), parse_qsl("a=1&b="), parse_qs("b=", keep_blank_values=True), quote("a b/é?"), quote("a/b", safe=""), quote_plus("a b&c"), unquote("%41%20b"), unquote_plus("a+b"), urlencode({"a": 1, "b": "x y"}), urlencode({"k": [1, 2]}, doseq=True))
print(urljoin("http://x/a/b/c", "../d"), urljoin("http://x/a", "//y/z"), urljoin("http://x/a/", "e?f=1"), urlsplit("//h/p?x"), urlunsplit(("http", "h", "/p", "q=1", "")), urlsplit("mailto:a@b").path)

# ---
# stdout:
#   https user:pw@example.org:8080 example.org 8080 /a/b p q=1&q=2&r=%C3%A9 frag user True
#   {'q': ['1', '2'], 'r': ['é']} [('a', '1')] {'b': ['']} a%20b/%C3%A9%3F a%2Fb a+b%26c A b a b a=1&b=x+y k=1&k=2
#   http://x/a/d http://y/z http://x/a/e?f=1 SplitResult(scheme='', netloc='h', path='/p', query='x', fragment='') http://h/p?q=1 a@b
