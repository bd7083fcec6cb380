"""A server as schemathesis sees it: what the document says of each answer is held against the answer."""

from typing import Any, cast

import requests
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cordboard.kernel.errors import NotBuilt
from cordboard.testkit.exchange import Request
from cordboard.testkit.running import Cordboard

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def call(cordboard: Cordboard, case: Case[Any]) -> Response:
    """Send what was generated, with the first account's credentials."""
    wanted = case.as_transport_kwargs(base_url="http://localhost")
    parts = {name: wanted[name] for name in ("method", "url", "headers", "params", "data", "json") if name in wanted}
    prepared = requests.Request(**parts, auth=(cordboard.account_sid, cordboard.auth_token)).prepare()
    body = cast("str | bytes", prepared.body or b"")
    headers = [(name.lower().encode("latin-1"), _bytes(value)) for name, value in prepared.headers.items()]
    request = Request(
        str(prepared.method),
        "http",
        prepared.path_url,
        [*headers, (b"host", b"localhost")],
        body.encode() if isinstance(body, str) else body,
    )
    answer = cordboard.ask(request)
    headers_of_answer = {name: [value] for name, value in answer.headers.items()}
    return Response(answer.status, headers_of_answer, answer.body, prepared, elapsed=0.0, verify=False)


def validate(case: Case[Any], response: Response) -> None:
    """Hold an answer against the document. A part that says of itself that it is not built is no failure."""
    if response.status_code == NotBuilt.status and response.json()["code"] == NotBuilt.code:
        return
    case.validate_response(response, checks=CHECKS)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
