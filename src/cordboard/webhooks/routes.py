"""Operations of ours on deliveries, under ``/cordboard/v1``."""

from cordboard.rest.routes import Route

from . import actions, wire

DELIVERIES = (
    Route(
        "GET",
        "/v1/Deliveries",
        "ListDeliveries",
        actions.list_,
        wire.ListDeliveries,
        wire.delivery,
        list_key="deliveries",
    ),
    Route("GET", "/v1/Deliveries/{Sid}", "FetchDelivery", actions.fetch, wire.OneDelivery, wire.delivery),
    Route("POST", "/v1/Deliveries/{Sid}/Replay", "ReplayDelivery", actions.replay, wire.OneDelivery, wire.delivery),
)
