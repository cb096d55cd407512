"""Prices to and from BSON's Decimal128, bit by bit, as IEEE 754-2008 has it: decimal128 in binary integer encoding.

The driver goes by a decimal context and by each digit, which takes two to five times as long;
tests/outbound/test_mongo_mapping.py holds the two equal.
"""

from decimal import Context, Decimal

from bson import Decimal128

_BIAS = 6_176
_COEFFICIENT_BITS = 113
_COEFFICIENT = (1 << _COEFFICIENT_BITS) - 1
_NOT_A_PRICE = 126
"""From this bit on there are only the sign, exponents beyond those of any price, infinities and NaN."""
_exact = Context(prec=34)


def from_price(price: Decimal) -> Decimal128:
    """Encode a price: 0 or more, at most 34 digits, no exponent above 0."""
    whole, _, decimals = f"{price:f}".partition(".")
    bits = (_BIAS - len(decimals)) << _COEFFICIENT_BITS | int(whole + decimals)
    return Decimal128.from_bid(bits.to_bytes(16, "little"))


def to_price(stored: Decimal128) -> Decimal:
    """Decode a price."""
    bits = int.from_bytes(stored.bid, "little")
    if bits >> _NOT_A_PRICE:
        return stored.to_decimal()
    return _exact.scaleb(Decimal(bits & _COEFFICIENT), (bits >> _COEFFICIENT_BITS) - _BIAS)
