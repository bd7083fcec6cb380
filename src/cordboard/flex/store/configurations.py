"""Flex instances, one an account."""

from cordboard.flex.model import FlexConfiguration
from cordboard.storage.tables import Table

CONFIGURATIONS = Table("flex_configurations", FlexConfiguration, key=("account_sid",))
