"""What API keys may do (``rest.permissions`` says how an operation is called there).

A restricted key's policy allows permissions one by one, as the vendor's: ``/twilio/taskrouter/workspaces.tasks/create``, or with
``*`` all actions on that resource. For a whole product there are three of ours, with one word less: ``/twilio/taskrouter/read``
(``read`` and ``list``), ``/twilio/taskrouter/write`` (the others) and ``/twilio/taskrouter/*``. What is not allowed is refused, so
a permission for a product that is not here, or for a resource by a wrong name, allows nothing.
"""

import re
from collections.abc import Iterable

from cordboard.accounts.model import ApiKey, KeyKind
from cordboard.kernel.caller import Asked, Limits
from cordboard.kernel.errors import Forbidden, Unauthorized

MISSING_PERMISSION = 70051

_FORM = re.compile(r"/twilio/[a-z0-9-]+/(?:[a-z0-9.-]+/(?:[a-z-]+|\*)|read|write|\*)")
_LOOKS = frozenset(("read", "list"))
# What only the account itself does, by its auth token or a main key; every key may look whose it is.
_OF_THE_ACCOUNT = "/twilio/iam/"
_OURS = "cordboard"
_OWN_ACCOUNT = "/twilio/iam/accounts/read"


def is_permission(text: str) -> bool:
    """Whether a policy may hold this."""
    return _FORM.fullmatch(text) is not None


def limits_of(key: ApiKey) -> Limits | None:
    """What a key may do; None: everything."""
    match key.kind:
        case KeyKind.MAIN:
            return None
        case KeyKind.STANDARD:
            return _STANDARD
        case KeyKind.RESTRICTED:
            return _Restricted(key.policy or ())


class _Standard:
    def check(self, asked: Asked) -> None:
        """See Limits. At the vendor that is 401, with the word that begins the sentence."""
        if asked.permission.startswith(_OF_THE_ACCOUNT) and asked.permission != _OWN_ACCOUNT:
            reason = "a standard API key does not do this: use the auth token or a main key"
            if asked.label == _OURS:
                raise Forbidden(reason.capitalize())
            raise Unauthorized(f"Authenticate - {reason}")


class _Restricted:
    def __init__(self, policy: Iterable[str]) -> None:
        self._allowed = frozenset(policy)

    def check(self, asked: Asked) -> None:
        """See Limits."""
        resource, _, action = asked.permission.rpartition("/")
        product = resource.rpartition("/")[0]
        whole = f"{product}/{'read' if action in _LOOKS else 'write'}"
        if self._allowed.isdisjoint((asked.permission, f"{resource}/*", whole, f"{product}/*")):
            missing = asked.permission.removeprefix("/")
            message = f"Authorization Error: required permission {missing} is missing"
            raise Unauthorized(message, code=MISSING_PERMISSION)


_STANDARD = _Standard()
