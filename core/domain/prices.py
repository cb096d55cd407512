"""Prices: exact decimals from 0 to 1e12, of at most 34 significant digits and 34 decimals.

34 digits are what IEEE 754-2008's decimal128 holds, so every storage with such a type keeps a price to the last digit.
"""

import re
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact

HIGHEST = Decimal(10**12)
DIGITS = 34
DECIMALS = 34
MAX_EXPONENT = 9_999

# Rounding to DIGITS that would change the value raises Inexact; cutting zeros off does not.
_exact = Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])
_exponent = re.compile(r"[eE][+-]?0*([0-9]*)\Z").search
_OUT_OF_BOUNDS = Decimal("Infinity")


def parse_number(text: str) -> Decimal:
    """Read a JSON number without rounding; an exponent beyond ±9,999, as written, gives Infinity, at no cost."""
    exponent = _exponent(text)
    if exponent and (
        len(exponent[1]) > len(str(MAX_EXPONENT)) or int(exponent[1] or 0) > MAX_EXPONENT
    ):
        return _OUT_OF_BOUNDS
    return Decimal(text)


def exact_price(number: int | Decimal) -> Decimal | None:
    """Give the one Decimal of this value that a price is kept as, or None where it is out of bounds.

    It has no exponent above 0 and no zeros at the end of its decimals, so equal prices are also spelt alike.
    """
    if not 0 <= number <= HIGHEST:
        return None
    try:
        price = _exact.normalize(Decimal(number))
    except Inexact:
        return None
    exponent = price.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - finite, since it is within the bounds
    if exponent < -DECIMALS:
        return None
    return Decimal(int(price)) if exponent >= 0 else price
