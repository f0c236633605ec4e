import keyword
import numbers
from fractions import Fraction

print(isinstance(1, numbers.Integral), isinstance(1.5, numbers.Real), isinstance(1j, numbers.Complex), isinstance(Fraction(1, 2), numbers.Rational), isinstance("1", numbers.Number), keyword.iskeyword("class"), keyword.iskeyword("x"), keyword.issoftkeyword("match"), len(keyword.kwlist))

# ---
# stdout:
#   True True True True False True False True 35
