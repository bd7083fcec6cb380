"""What each operator means for each type.

Types are JSON's: null, boolean, number, string (these four are *scalars*), list and object. A missing path is null.

    operator        holds when
    --------------  ---------------------------------------------------------------------------------------------
    ==  =           both null; both boolean, both string or both number and equal; a number and a numeric string
                    of equal value (inferred). A boolean equals no string and no number. With a list or an object
                    on either side: false.
    !=              == does not hold, and both sides are scalars. Against null it asks for presence, whatever the
                    type: `skills != null` holds for a list (inferred from the documented emptiness idiom).
    >  >=  <  <=    two numbers, a numeric string counting as a number (documented sample); two strings that are
                    not both numeric, by code point (inferred; ISO dates compare well). Anything else, null
                    included: false.
    CONTAINS        the left text contains the right text. Numbers count by their digits (inferred); null, boolean,
                    list or object on either side: false.
    HAS  >-         the left list holds an element that == the right scalar.
    IN  <-          the right list holds an element that == the left scalar.
    NOT IN          the right side is a list, the left side a scalar, and IN does not hold. Without a list: false,
                    by the letter of the documentation.

A scalar operator on a list and a list operator on two scalars are false, never an error (documented). A numeric string
is one like `6`, `-1.5` or `0800`. Strings compare case-sensitively. No input makes an operator raise.
"""

import operator
import re
from collections.abc import Callable
from typing import Any

from cordboard.routing.expressions.tokens import MAX_NUMBER, Operator

_NUMERIC = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DIGITS = frozenset("0123456789")
_INTEGER_BITS = 64

Number = int | float


def numeric(text: str) -> Number | None:
    """The number that a numeric string stands for, else None. Longer than a number in an expression: None."""
    if text[-1:] not in _DIGITS or len(text) > MAX_NUMBER or _NUMERIC.fullmatch(text) is None:
        return None
    return float(text) if "." in text else int(text)


def equal(left: object, right: object) -> bool:
    """The `==` of the table above."""
    if isinstance(left, str):
        if isinstance(right, str):
            return left == right
        left, right = right, left
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float):
        number = numeric(right) if isinstance(right, str) else right
        return isinstance(number, int | float) and left == number
    return False


def unequal(left: object, right: object) -> bool:
    """The `!=` of the table above: not simply the negation of `==`."""
    if left is None or right is None:
        return left is not right
    return not isinstance(left, list | dict) and not isinstance(right, list | dict) and not equal(left, right)


def contains(left: object, right: object) -> bool:
    """The `CONTAINS` of the table above."""
    whole, part = _text(left), _text(right)
    return whole is not None and part is not None and part in whole


def has(left: object, right: object) -> bool:
    """The `HAS` of the table above."""
    if not isinstance(left, list) or isinstance(right, list | dict):
        return False
    if isinstance(right, str) and numeric(right) is None:
        return right in left
    return any(equal(item, right) for item in left)


def is_in(left: object, right: object) -> bool:
    """The `IN` of the table above."""
    return has(right, left)


def not_in(left: object, right: object) -> bool:
    """The `NOT IN` of the table above: false, too, when there is no list."""
    return isinstance(right, list) and not isinstance(left, list | dict) and not has(right, left)


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        # Longer ones make str() raise, and no JSON reader gives them back exactly.
        return str(value) if value.bit_length() <= _INTEGER_BITS else None
    return repr(value) if isinstance(value, float) else None


Relation = Callable[[object, object], bool]

# The operators that need an order, by what they ask of two numbers or of two texts.
ORDERS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.ABOVE: operator.gt,
    Operator.AT_LEAST: operator.ge,
    Operator.BELOW: operator.lt,
    Operator.AT_MOST: operator.le,
}
_RELATIONS: dict[Operator, Relation] = {
    Operator.EQUAL: equal,
    Operator.UNEQUAL: unequal,
    Operator.CONTAINS: contains,
    Operator.HAS: has,
    Operator.IN: is_in,
    Operator.NOT_IN: not_in,
}


def relation(wanted: Operator) -> Relation:
    """What an operator asks of its two sides."""
    return _ordered(ORDERS[wanted]) if wanted in ORDERS else _RELATIONS[wanted]


def _ordered(compare: Callable[[Any, Any], bool]) -> Relation:
    def holds(left: object, right: object) -> bool:
        if type(left) is int and type(right) is int:
            return compare(left, right)
        first = numeric(left) if isinstance(left, str) else left
        second = numeric(right) if isinstance(right, str) else right
        if isinstance(first, int | float) and isinstance(second, int | float):
            return not isinstance(first, bool) and not isinstance(second, bool) and compare(first, second)
        return isinstance(left, str) and isinstance(right, str) and compare(left, right)

    return holds
