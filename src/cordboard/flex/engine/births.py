"""What an account is born with: a Flex instance."""

from cordboard.accounts.model import AccountCreated
from cordboard.flex.model import FlexConfiguration
from cordboard.flex.store.configurations import CONFIGURATIONS
from cordboard.storage.unit import Unit


async def born(unit: Unit, happening: AccountCreated) -> None:
    """Reaction: give a new account its instance. Which conversation service it works in is asked when it is shown."""
    unit.insert(CONFIGURATIONS, FlexConfiguration(happening.account.sid, 1, unit.sid("GO"), unit.now, unit.now))
