import textwrap

text = "The quick brown fox jumps over the lazy dog, and then some more-or-less hyphenated words follow."
print(textwrap.fill(text, 30), textwrap.wrap(text, 40), textwrap.shorten(text, 30), textwrap.shorten(text, 30, placeholder="…"), sep="\n")
print(textwrap.dedent("    a\n      b\n    c"), textwrap.indent("a\n\nb", "> "), textwrap.fill("x" * 25, 10), textwrap.fill(text, 40, initial_indent="* ", subsequent_indent="  ", break_on_hyphens=False), textwrap.TextWrapper(width=10, max_lines=2).wrap(text), sep="\n")

# ---
# stdout:
#   The quick brown fox jumps over
#   the lazy dog, and then some
#   more-or-less hyphenated words
#   follow.
#   ['The quick brown fox jumps over the lazy', 'dog, and then some more-or-less', 'hyphenated words follow.']
#   The quick brown fox [...]
#   The quick brown fox jumps…
#   a
#     b
#   c
#   > a
#
#   > b
#   xxxxxxxxxx
#   xxxxxxxxxx
#   xxxxx
#   * The quick brown fox jumps over the
#     lazy dog, and then some more-or-less
#     hyphenated words follow.
#   ['The quick', '[...]']
