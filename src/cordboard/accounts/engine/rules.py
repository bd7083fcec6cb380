"""What tokens may do over REST: rules for URLs, as capability tokens carry them and as the role of an access token implies them.

As the vendor documents them for TaskRouter: a URL is literal or ends in ``/*`` (the next step of the path) or ``/**`` (everything
below). Of several rules that match, the most specific decides: the longer path, the literal before ``*`` before ``**``, the one
with filters; a rule that does not allow, forbids, and so does no rule. A filter lists all parameters that the call may have, with
those that it must; the official libraries write ``{}`` for none.

The libraries' rule for listing a worker's reservations is ``.../Reservations/**``. So behind the name of a list ``/**`` means the
list too; behind a SID it does not mean the thing itself, or whoever may delete what is in a workspace could delete the workspace.
"""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

from cordboard.kernel.caller import Asked, Limits, Pairs, TaskRouterGrant, Token
from cordboard.kernel.errors import Forbidden
from cordboard.kernel.sids import is_sid

_LABEL = "taskrouter"


class _Matcher(msgspec.Struct, frozen=True):
    required: bool = False
    value: str | None = None


_Filter = dict[str, str | _Matcher]


class _Policy(msgspec.Struct, frozen=True):
    url: str
    method: str = "GET"
    allow: bool = False
    query_filter: _Filter | None = None
    post_filter: _Filter | None = None


class _Rule(NamedTuple):
    label: str
    segments: Sequence[str]
    ending: str
    policy: _Policy

    @property
    def rank(self) -> tuple[int, int, bool, bool]:
        """The higher the more specific; of two equal ones the forbidding."""
        policy = self.policy
        has_filters = bool(policy.query_filter or policy.post_filter)
        return len(self.segments), -len(self.ending), has_filters, not policy.allow

    def fits(self, asked: Asked) -> bool:
        policy = self.policy
        return (
            policy.method.upper() == asked.verb
            and self.label == asked.label
            and self._leads_to(asked.segments)
            and _passes(policy.query_filter, asked.query)
            and _passes(policy.post_filter, asked.posted)
        )

    def _leads_to(self, segments: Sequence[str]) -> bool:
        literal = len(self.segments)
        if list(segments[:literal]) != self.segments:
            return False
        below = len(segments) - literal
        match self.ending:
            case "*":
                return below == 1
            case "**":
                return below > 0 or not is_sid(segments[-1], "")
            case _:
                return below == 0


class Rules:
    """The Limits of a token."""

    def __init__(self, policies: Sequence[_Policy]) -> None:
        self._rules = sorted(map(_rule, policies), key=lambda rule: rule.rank, reverse=True)

    def check(self, asked: Asked) -> None:
        """See Limits."""
        decides = next((rule for rule in self._rules if rule.fits(asked)), None)
        if decides is None or not decides.policy.allow:
            place = "/".join(asked.segments)
            message = f"The token has no policy that allows this {asked.verb} of {asked.label}: /{place}"
            raise Forbidden(message[:512])


def rules_of_policies(policies: object) -> Limits:
    """The limits of a capability token. Raises msgspec.ValidationError."""
    return Rules(msgspec.convert(policies, list[_Policy]))


def rules_of_grants(token: Token) -> Limits:
    """The limits of an access token: the REST API is open to its TaskRouter grant only.

    A worker may what the libraries' capability tokens for workers may; a supervisor may look at the workspace and change what is in
    it, an admin delete as well. Everything else that a token grants goes through sockets.
    """
    grant = token.grants.task_router
    return Rules([] if grant is None else list(_policies_of(grant)))


def _policies_of(grant: TaskRouterGrant) -> Sequence[_Policy]:
    workspace = f"https://{_LABEL}.twilio.com/v1/Workspaces/{grant.workspace_sid}"
    if grant.workspace_sid is None:
        return ()
    if grant.role in {"supervisor", "admin"}:
        verbs = ("GET", "POST", "DELETE") if grant.role == "admin" else ("GET", "POST")
        return (_allow("GET", workspace), *(_allow(verb, f"{workspace}/**") for verb in verbs))
    if grant.worker_sid is None:
        return ()
    worker = f"{workspace}/Workers/{grant.worker_sid}"
    return (
        _allow("GET", f"{workspace}/Activities"),
        _allow("GET", f"{workspace}/Tasks/**"),
        _allow("GET", worker),
        _allow("POST", worker, {"ActivitySid": _Matcher(required=True)}),
        _allow("GET", f"{worker}/Reservations/**"),
        _allow("POST", f"{worker}/Reservations/**"),
    )


def _allow(verb: str, url: str, posted: _Filter | None = None) -> _Policy:
    return _Policy(url, verb, allow=True, post_filter=posted)


def _rule(policy: _Policy) -> _Rule:
    try:
        parts = urlsplit(policy.url)
        label = (parts.hostname or "").partition(".")[0]
    except ValueError:
        label, parts = "", urlsplit("")
    segments = [unquote(segment) for segment in parts.path.split("/")[1:]]
    ending = segments.pop() if segments and segments[-1] in {"*", "**"} else ""
    return _Rule(label, segments, ending, policy)


def _passes(wanted: _Filter | None, given: Pairs | None) -> bool:
    if not wanted:
        return True
    if given is None:
        return False
    values = dict(given)
    return values.keys() <= wanted.keys() and all(_meets(matcher, values.get(name)) for name, matcher in wanted.items())


def _meets(matcher: str | _Matcher, value: str | None) -> bool:
    if isinstance(matcher, str):
        return value == matcher
    if value is None:
        return not matcher.required
    return matcher.value in {None, value}
