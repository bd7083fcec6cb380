"""Addresses -> a binding. What carries the messages is read off the form of the address, as the vendor does.

A bare number is SMS (E.164, or a short code), an address with ``@`` is email, any other names its carrier in front:
``whatsapp:+15551230000``. All carriers but email need the proxy address from which the participant is written to.
"""

import re
from collections.abc import Mapping

import msgspec

from cordboard.conversations.model import BindingType, Level
from cordboard.kernel.errors import Invalid

ADDRESS, PROXY = "MessagingBinding.Address", "MessagingBinding.ProxyAddress"

_NUMBER = r"\+[1-9][0-9]{1,14}"
_NAME = r"[^\s\x00-\x1f]{1,240}"
_FORMS: Mapping[BindingType, re.Pattern[str]] = {
    BindingType.WHATSAPP: re.compile(f"whatsapp:{_NUMBER}"),
    BindingType.RCS: re.compile(f"rcs:{_NAME}"),
    BindingType.MESSENGER: re.compile(f"messenger:{_NAME}"),
    BindingType.GBM: re.compile(f"gbm:{_NAME}"),
    BindingType.APPLE: re.compile(f"apple:{_NAME}"),
    BindingType.EMAIL: re.compile(r"[^@\s:\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,190}"),
    BindingType.SMS: re.compile(rf"{_NUMBER}|[1-9][0-9]{{2,7}}"),
}
_EXPECTED = "expected a number such as +15551230000, or a carrier and an address such as whatsapp:+15551230000"


class Binding(msgspec.Struct, frozen=True):
    """How a participant is reached."""

    type: BindingType
    address: str
    proxy_address: str | None
    level: Level | None
    name: str | None


def bind(address: str | None, proxy_address: str | None, level: Level | None, name: str | None) -> Binding:
    """The binding of these. Raises Invalid with the vendor's code: 50407-50409, 50411, 50412, 50414, 50420, 50453."""
    if not address:
        raise _invalid(ADDRESS, "an address is required", 50411)
    carrier = _carrier(address)
    if carrier is None:
        raise _invalid(ADDRESS, f"{_EXPECTED}, got '{address[:64]}'", 50407)
    if carrier is BindingType.EMAIL:
        if proxy_address:
            raise _invalid(PROXY, "a participant reached by email has none", 50453)
        return Binding(carrier, address, None, level or Level.TO, name)
    if level is not None or name is not None:
        raise _invalid("MessagingBinding", f"level and name are for email, not for {carrier}", 50420)
    if not proxy_address:
        raise _invalid(PROXY, "a proxy address is required", 50412)
    proxy_carrier = _carrier(proxy_address)
    if proxy_carrier is None:
        raise _invalid(PROXY, f"{_EXPECTED}, got '{proxy_address[:64]}'", 50408)
    if proxy_carrier is not carrier:
        raise _invalid(PROXY, f"the address is of type {carrier}, the proxy address of type {proxy_carrier}", 50414)
    if proxy_address == address:
        raise _invalid(PROXY, "it is the same as the address", 50409)
    return Binding(carrier, address, proxy_address, None, None)


def _carrier(address: str) -> BindingType | None:
    return next((carrier for carrier, form in _FORMS.items() if form.fullmatch(address)), None)


def _invalid(parameter: str, reason: str, code: int) -> Invalid:
    return Invalid(f"Invalid parameter {parameter}: {reason}", code=code)
