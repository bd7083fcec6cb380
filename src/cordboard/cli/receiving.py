"""A receiver for developers: it takes every request, and can tell whether the server has signed it."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cordboard.webhooks.messages import EVENT_POSITION, IDEMPOTENCY_TOKEN, Message
from cordboard.webhooks.model import Content, Method
from cordboard.webhooks.signing import SIGNATURE, signature

Take = Callable[[httpx.Request], Awaitable[Response]]
"""Answers a request that has come in."""

_FORM = "application/x-www-form-urlencoded"
_BODY_HASH = "bodySHA256"
_KEPT_HEADERS = (IDEMPOTENCY_TOKEN, EVENT_POSITION)


def receiver(take: Take) -> Starlette:
    """An application that hands on all that comes with GET and POST. The URL of a request is the one that the caller sees."""

    async def receive(request: Request) -> Response:
        # Behind a tunnel; only a signature is compared with it.
        scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
        host = request.headers.get("x-forwarded-host", request.url.netloc)
        target = request.scope["raw_path"].decode("latin-1")
        query = request.scope["query_string"].decode("latin-1")
        url = f"{scheme}://{host}{target}{'?' if query else ''}{query}"
        return await take(httpx.Request(request.method, url, headers=request.headers.raw, content=await request.body()))

    return Starlette(routes=[Route("/{path:path}", receive, methods=["GET", "POST"])])


def verify(request: httpx.Request, auth_token: str) -> bool:
    """Whether the request has the signature of this token, as the official libraries look."""
    url, body = str(request.url), request.content
    if _is_form(request):
        expected = signature(auth_token, url, dict(_pairs(body)))
    elif body and request.url.params.get(_BODY_HASH) != hashlib.sha256(body).hexdigest():
        return False
    else:
        expected = signature(auth_token, url)
    given: str = request.headers.get(SIGNATURE, "")
    return hmac.compare_digest(expected.encode(), given.encode())


def message_of(request: httpx.Request, *tokens: str) -> Message:
    """The same call for another URL, to be signed anew."""
    body, is_form = request.content, _is_form(request) or request.method == Method.GET
    pairs = request.url.params.multi_items() if request.method == Method.GET else _pairs(body)
    return Message(
        method=Method(request.method),
        content=Content.FORM if is_form else Content.JSON,
        parameters=dict(pairs) if is_form else {},
        body=b"" if is_form else body,
        tokens=tokens,
        headers={name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers},
    )


def _is_form(request: httpx.Request) -> bool:
    kind: str = request.headers.get("content-type", "")
    return kind.startswith(_FORM)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
