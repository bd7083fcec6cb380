"""Operations of ours under ``/cordboard/v1``, and those of the vendor's for accounts, keys and auth tokens.

Both faces of a thing share its action. ``resource`` names it for policies: what begins with ``iam/`` is the account's own affair,
which no standard API key may touch; the vendor calls keys ``iam/api-keys``. To look is free under ``/cordboard/v1``.
"""

from cordboard.rest.forms import Form
from cordboard.rest.paging import with_uris
from cordboard.rest.routes import Action, Product, Route, Verb, View, empty

from .actions import accounts, auth_tokens, erasures, events, keys, tokens
from .wire import accounts as wire_accounts
from .wire import auth_tokens as wire_auth_tokens
from .wire import erasures as wire_erasures
from .wire import events as wire_events
from .wire import keys as wire_keys
from .wire import minted_tokens as wire_tokens

ACCOUNTS_OF, KEYS_OF, AUTH_TOKENS_OF, ERASURES_OF = "iam/accounts", "iam/api-keys", "iam/auth-tokens", "iam/erasures"

CORDBOARD = Product(
    name="cordboard",
    hosts=("cordboard",),
    roots=(),
    routes=(
        Route(
            "POST",
            "/v1/Accounts",
            "CreateAccount",
            accounts.create,
            wire_accounts.CreateAccount,
            wire_accounts.account_with_token,
            status=201,
            resource=ACCOUNTS_OF,
        ),
        Route(
            "GET",
            "/v1/Accounts",
            "ListAccounts",
            accounts.list_,
            wire_accounts.ListAccounts,
            wire_accounts.account,
            list_key="accounts",
        ),
        Route(
            "GET",
            "/v1/Accounts/{Sid}",
            "FetchAccount",
            accounts.fetch,
            wire_accounts.FetchAccount,
            wire_accounts.account,
        ),
        Route(
            "POST",
            "/v1/Keys",
            "CreateKey",
            keys.create,
            wire_keys.CreateKey,
            wire_keys.key_with_secret,
            status=201,
            resource=KEYS_OF,
        ),
        Route(
            "GET",
            "/v1/Keys",
            "ListKeys",
            keys.list_,
            wire_keys.ListKeys,
            wire_keys.key,
            list_key="keys",
        ),
        Route("GET", "/v1/Keys/{Sid}", "FetchKey", keys.fetch, wire_keys.FetchKey, wire_keys.key),
        Route("DELETE", "/v1/Keys/{Sid}", "DeleteKey", keys.delete, wire_keys.FetchKey, resource=KEYS_OF),
        Route(
            "POST",
            "/v1/Tokens",
            "CreateToken",
            tokens.create,
            wire_tokens.CreateToken,
            wire_tokens.minted_token,
            status=201,
        ),
        Route(
            "POST",
            "/v1/Erasures",
            "CreateErasure",
            erasures.create,
            wire_erasures.CreateErasure,
            wire_erasures.erasure,
            status=201,
            resource=ERASURES_OF,
        ),
        Route(
            "GET",
            "/v1/Erasures",
            "ListErasures",
            erasures.list_,
            wire_erasures.ListErasures,
            wire_erasures.erasure,
            list_key="erasures",
        ),
        Route(
            "GET",
            "/v1/Erasures/{Sid}",
            "FetchErasure",
            erasures.fetch,
            wire_erasures.FetchErasure,
            wire_erasures.erasure,
        ),
        Route(
            "GET",
            "/v1/Events",
            "ListEvents",
            events.list_,
            wire_events.ListEvents,
            wire_events.event,
            list_key="events",
        ),
    ),
)


def _of_2010(
    verb: Verb,
    path: str,
    operation: str,
    action: Action,
    form: type[Form],
    view: View = empty,
    *,
    resource: str,
    status: int = 200,
    list_key: str | None = None,
) -> Route:
    return Route(
        verb,
        f"/2010-04-01/Accounts{path}.json",
        operation,
        action,
        form,
        view,
        status,
        list_key,
        envelope=with_uris,
        resource=resource,
    )


def _keys_of_2010(name: str) -> tuple[Route, ...]:
    """The operations on keys under one of their two names."""
    one, many = f"/{{AccountSid}}/{name}s/{{Sid}}", f"/{{AccountSid}}/{name}s"
    return (
        _of_2010(
            "POST",
            many,
            f"CreateNew{name}",
            keys.create,
            wire_keys.CreateAccountKey,
            wire_keys.account_key_with_secret,
            status=201,
            resource=KEYS_OF,
        ),
        _of_2010(
            "GET",
            many,
            f"List{name}",
            keys.list_,
            wire_keys.ListAccountKeys,
            wire_keys.account_key,
            list_key="keys" if name == "Key" else "signing_keys",
            resource=KEYS_OF,
        ),
        _of_2010(
            "GET", one, f"Fetch{name}", keys.fetch, wire_keys.FetchAccountKey, wire_keys.account_key, resource=KEYS_OF
        ),
        _of_2010(
            "POST",
            one,
            f"Update{name}",
            keys.update,
            wire_keys.UpdateAccountKey,
            wire_keys.account_key,
            resource=KEYS_OF,
        ),
        _of_2010("DELETE", one, f"Delete{name}", keys.delete, wire_keys.FetchAccountKey, resource=KEYS_OF),
    )


API = Product(
    name="api",
    hosts=("api",),
    roots=("/2010-04-01",),
    routes=(
        _of_2010(
            "POST",
            "",
            "CreateAccount",
            accounts.create,
            wire_accounts.CreateSubaccount,
            wire_accounts.vendor_account_with_token,
            status=201,
            resource=ACCOUNTS_OF,
        ),
        _of_2010(
            "GET",
            "",
            "ListAccount",
            accounts.list_,
            wire_accounts.ListAccounts,
            wire_accounts.vendor_account,
            list_key="accounts",
            resource=ACCOUNTS_OF,
        ),
        _of_2010(
            "GET",
            "/{Sid}",
            "FetchAccount",
            accounts.fetch,
            wire_accounts.FetchAccount,
            wire_accounts.vendor_account,
            resource=ACCOUNTS_OF,
        ),
        _of_2010(
            "POST",
            "/{Sid}",
            "UpdateAccount",
            accounts.update,
            wire_accounts.UpdateAccount,
            wire_accounts.vendor_account,
            resource=ACCOUNTS_OF,
        ),
        *_keys_of_2010("Key"),
        *_keys_of_2010("SigningKey"),
    ),
)

IAM = Product(
    name="iam",
    hosts=("iam",),
    roots=("/v1/Keys",),
    routes=(
        Route(
            "POST",
            "/v1/Keys",
            "CreateNewKey",
            keys.create,
            wire_keys.CreateIamKey,
            wire_keys.iam_key_with_secret,
            status=201,
            resource=KEYS_OF,
        ),
        Route(
            "GET",
            "/v1/Keys",
            "ListGetKeys",
            keys.list_,
            wire_keys.ListIamKeys,
            wire_keys.iam_key_in_list,
            list_key="keys",
            resource=KEYS_OF,
        ),
        Route("GET", "/v1/Keys/{Sid}", "FetchKey", keys.fetch, wire_keys.FetchKey, wire_keys.iam_key, resource=KEYS_OF),
        Route(
            "POST",
            "/v1/Keys/{Sid}",
            "UpdateKey",
            keys.update,
            wire_keys.UpdateKey,
            wire_keys.iam_key,
            resource=KEYS_OF,
        ),
        Route("DELETE", "/v1/Keys/{Sid}", "DeleteKey", keys.delete, wire_keys.FetchKey, resource=KEYS_OF),
    ),
)

AUTH_TOKENS = Product(
    name="accounts",
    hosts=("accounts",),
    roots=("/v1/AuthTokens",),
    routes=(
        Route(
            "POST",
            "/v1/AuthTokens/Secondary",
            "CreateSecondaryAuthToken",
            auth_tokens.create_secondary,
            wire_auth_tokens.SecondaryAuthToken,
            wire_auth_tokens.secondary_auth_token,
            status=201,
            resource=AUTH_TOKENS_OF,
        ),
        Route(
            "DELETE",
            "/v1/AuthTokens/Secondary",
            "DeleteSecondaryAuthToken",
            auth_tokens.delete_secondary,
            wire_auth_tokens.SecondaryAuthToken,
            resource=AUTH_TOKENS_OF,
        ),
        Route(
            "POST",
            "/v1/AuthTokens/Promote",
            "UpdateAuthTokenPromotion",
            auth_tokens.promote,
            wire_auth_tokens.PromoteAuthToken,
            wire_auth_tokens.promoted_auth_token,
            resource=AUTH_TOKENS_OF,
        ),
    ),
)
