"""Operations of ours under ``/cordboard/v1``, and the one of the vendor's 2010 API that its clients call."""

from cordboard.rest.routes import Product, Route

from .actions import accounts, erasures, events, keys
from .wire import accounts as wire_accounts
from .wire import erasures as wire_erasures
from .wire import events as wire_events
from .wire import keys as wire_keys

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
        Route("POST", "/v1/Keys", "CreateKey", keys.create, wire_keys.CreateKey, wire_keys.key_with_secret, status=201),
        Route("GET", "/v1/Keys", "ListKeys", keys.list_, wire_keys.ListKeys, wire_keys.key, list_key="keys"),
        Route("GET", "/v1/Keys/{Sid}", "FetchKey", keys.fetch, wire_keys.FetchKey, wire_keys.key),
        Route("DELETE", "/v1/Keys/{Sid}", "DeleteKey", keys.delete, wire_keys.FetchKey),
        Route(
            "POST",
            "/v1/Erasures",
            "CreateErasure",
            erasures.create,
            wire_erasures.CreateErasure,
            wire_erasures.erasure,
            status=201,
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

API = Product(
    name="api",
    hosts=("api",),
    roots=("/2010-04-01",),
    routes=(
        Route(
            "GET",
            "/2010-04-01/Accounts/{Sid}",
            "FetchAccount",
            accounts.fetch_by_file_name,
            wire_accounts.FetchAccount,
            wire_accounts.vendor_account,
        ),
    ),
)
