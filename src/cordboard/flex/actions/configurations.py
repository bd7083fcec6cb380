"""The account's Flex instance."""

from cordboard.conversations.actions.paths import default_service_sid
from cordboard.flex.model import ServedConfiguration
from cordboard.flex.store.configurations import CONFIGURATIONS
from cordboard.flex.wire.configurations import FetchConfiguration
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import NotFound
from cordboard.storage.unit import View


async def fetch(view: View, caller: Caller, _form: FetchConfiguration) -> ServedConfiguration:
    """``GET /Configuration``."""
    configuration = await view.get(CONFIGURATIONS, caller.account_sid)
    if configuration is None:
        raise NotFound
    return ServedConfiguration(configuration, await default_service_sid(view, caller.account_sid))
