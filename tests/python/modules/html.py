import html
from html.entities import name2codepoint
from html.parser import HTMLParser


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.text = [], []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self.found.append("/" + tag)

    def handle_data(self, data):
        self.text.append(data)


p = Links()
p.feed('<p class="a">Hi &amp; <a href="/x?a=1&amp;b=2" disabled>link</a><br/></p><!-- c -->')
p.close()
print(p.found, "".join(p.text), html.escape("<a href='x'>&\""), html.unescape("&lt;&eacute;&#39;&#x41;&nbsp;|&notit;"), name2codepoint["eacute"])

# ---
# stdout:
#   [('p', {'class': 'a'}), ('a', {'href': '/x?a=1&b=2', 'disabled': None}), '/a', ('br', {}), '/br', '/p'] Hi & link &lt;a href=&#x27;x&#x27;&gt;&amp;&quot; <é'A |¬it; 233
