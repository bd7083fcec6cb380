"""The configuration of an account's Flex: of the vendor's many keys those that mean something here."""

from typing import Any

from cordboard.flex.model import ServedConfiguration
from cordboard.kernel.clock import iso
from cordboard.rest.routes import Urls

from .codes import FlexForm


class FetchConfiguration(FlexForm, frozen=True, kw_only=True):
    """Nothing: the account has one."""


def configuration(served: ServedConfiguration, urls: Urls) -> dict[str, Any]:
    """Which instance of Flex the account has, and the conversation service that it works in."""
    fact = served.configuration
    return {
        "account_sid": fact.account_sid,
        "flex_instance_sid": fact.flex_instance_sid,
        "chat_service_instance_sid": served.chat_service_sid,
        "status": "ok",
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": f"{urls.base}/v1/Configuration",
    }
