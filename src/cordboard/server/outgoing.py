"""What calls receivers. Imported with the first delivery that there is."""

import httpcore

from cordboard import __version__
from cordboard.webhooks.calling import POOL, Calls
from cordboard.webhooks.corked import Corking
from cordboard.webhooks.destinations import Policy
from cordboard.webhooks.guarded import guarded_transport


def outgoing(policy: Policy) -> Calls:
    """Calls where the policy allows it, and says who calls."""
    network = Corking(httpcore.AnyIOBackend())
    return Calls(guarded_transport(policy, limits=POOL, network=network), f"Cordboard/{__version__}")
