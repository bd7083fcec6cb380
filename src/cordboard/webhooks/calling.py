"""One attempt at a delivery over HTTP. Imported with the first one that there is: httpx takes 0.2 s of a start.

An attempt may be several tries at once (``overrides``), and a try two requests, for one redirect is followed: with 307 and 308 the same
call, with 301, 302 and 303 a GET without parameters. Each request is signed for its own URL. Answers are read up to 64 KiB, as they
come (no decompression, so they cannot grow); the rest stays unread and its connection is closed.

The URL that is signed is the one that the receiver can see: as httpx sends it, without user info (which becomes Basic authentication)
and with a path. Of httpx the transport is used and not its client, which keeps cookies and follows redirects as a browser does, at a
third of the CPU of a call.
"""

import asyncio
import base64
from urllib.parse import urlencode

import httpx
import msgspec

from .messages import Message
from .model import Content, Method, Reply, Trouble
from .overrides import Overrides, split
from .signing import SECONDARY_SIGNATURE, SIGNATURE, signature, with_body_hash

MOST_BYTES = 64 * 1024

_FORM_TYPE = "application/x-www-form-urlencoded; charset=UTF-8"
_JSON_TYPE = "application/json"

_KEEPS_METHOD = frozenset((307, 308))
_BECOMES_GET = frozenset((301, 302, 303))
_MOST_DIGITS = 6

# Codes of the vendor's error dictionary.
INVALID_URL = 11100
RETRIEVAL_FAILURE = 11200
CONNECTION_FAILURE = 11205
PROTOCOL_VIOLATION = 11206
TOO_MANY_REDIRECTS = 11215


class Calls:
    """Calls receivers. ``transport`` decides where to; ``agent`` is its ``User-Agent``."""

    def __init__(self, transport: httpx.AsyncBaseTransport, agent: str) -> None:
        self._transport = transport
        self._headers = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": agent}

    async def call(self, url: str, limit_ms: int, message: Message) -> Reply:
        """Call a URL, as its overrides and the limit say."""
        called, overrides = split(url)
        overrides = overrides.within(limit_ms)
        try:
            async with asyncio.timeout(overrides.total_ms / 1000):
                for _ in range(overrides.retries):
                    reply = await self._try(called, overrides, message)
                    if not overrides.retry(reply):
                        return reply
                return await self._try(called, overrides, message)
        except TimeoutError:
            return _no_answer(Trouble.READ, RETRIEVAL_FAILURE, f"no answer within {overrides.total_ms} ms")

    async def close(self) -> None:
        """Let go of all connections."""
        await self._transport.aclose()

    async def _try(self, url: str, overrides: Overrides, message: Message) -> Reply:
        patience = httpx.Timeout(overrides.read_ms / 1000, connect=overrides.connect_ms / 1000)
        try:
            return await self._request(url, patience, message, may_redirect=True)
        except httpx.ConnectTimeout:
            sentence = f"no connection within {overrides.connect_ms} ms"
            return _no_answer(Trouble.CONNECT, CONNECTION_FAILURE, sentence)
        except httpx.TimeoutException:
            return _no_answer(Trouble.READ, RETRIEVAL_FAILURE, f"nothing was sent or read for {overrides.read_ms} ms")
        except httpx.ConnectError as error:
            return _no_answer(Trouble.CONNECT, CONNECTION_FAILURE, str(error) or "no connection")
        except httpx.NetworkError as error:
            return _no_answer(Trouble.READ, CONNECTION_FAILURE, str(error) or "the connection broke")
        except httpx.ProtocolError as error:
            return _no_answer(Trouble.READ, PROTOCOL_VIOLATION, str(error))
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError) as error:  # the last is idna's
            return _no_answer(Trouble.OTHER, INVALID_URL, str(error))

    async def _request(self, url: str, patience: httpx.Timeout, message: Message, *, may_redirect: bool) -> Reply:
        called = httpx.URL(url)
        request = self._signed(called, patience, message)
        answer = await self._transport.handle_async_request(request)
        try:
            target = answer.headers.get("location") if answer.status_code in _KEEPS_METHOD | _BECOMES_GET else None
            if target is None:
                return await _read(answer)
        finally:
            await answer.aclose()
        there = called.join(target).copy_with(fragment=None)
        if not may_redirect:
            return _no_answer(Trouble.OTHER, TOO_MANY_REDIRECTS, "redirected more than once")
        if there.scheme == "http" and request.url.scheme == "https":
            return _no_answer(Trouble.OTHER, RETRIEVAL_FAILURE, "redirected from https to http, which is not followed")
        if answer.status_code in _BECOMES_GET or message.method is Method.GET:
            message = msgspec.structs.replace(message, method=Method.GET, content=Content.FORM, parameters={}, body=b"")
        return await self._request(str(there), patience, message, may_redirect=False)

    def _signed(self, url: httpx.URL, patience: httpx.Timeout, message: Message) -> httpx.Request:
        shown = f"{url.scheme}://{url.netloc.decode()}{url.raw_path.decode()}"
        headers = {**self._headers, **message.headers}
        if url.userinfo:
            userinfo = f"{url.username}:{url.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(userinfo).decode()}"
        body, signed = b"", None
        if message.content is Content.JSON:
            body = message.body
            shown = with_body_hash(shown, body)
            headers["Content-Type"] = _JSON_TYPE
        elif message.method is Method.GET:
            if message.parameters:
                shown = f"{shown}{'&' if '?' in shown else '?'}{urlencode(message.parameters)}"
        else:
            signed = message.parameters
            body = urlencode(signed).encode()
            headers["Content-Type"] = _FORM_TYPE
        for name, token in zip((SIGNATURE, SECONDARY_SIGNATURE), message.tokens, strict=False):
            headers[name] = signature(token, shown, signed)
        extensions = {"timeout": patience.as_dict()}
        return httpx.Request(message.method, shown, headers=headers, content=body, extensions=extensions)


async def _read(answer: httpx.Response) -> Reply:
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > MOST_BYTES:
            break
    trouble = _trouble(answer.status_code)
    return Reply(
        status=answer.status_code,
        content_type=answer.headers.get("content-type", ""),
        body=bytes(body[:MOST_BYTES]),
        whole=len(body) <= MOST_BYTES,
        trouble=trouble,
        code=None if trouble is None else RETRIEVAL_FAILURE,
        error=None if trouble is None else f"it answered {answer.status_code}",
        retry_after_s=_seconds(answer.headers.get("retry-after")),
    )


def _trouble(status: int) -> Trouble | None:
    if httpx.codes.is_success(status):
        return None
    if httpx.codes.is_client_error(status):
        return Trouble.REFUSED
    return Trouble.BROKEN if httpx.codes.is_server_error(status) else Trouble.OTHER


def _seconds(text: str | None) -> int | None:
    # A date is possible too; who answers with one is tried again as if it had said nothing.
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def _no_answer(trouble: Trouble, code: int, sentence: str) -> Reply:
    return Reply(trouble=trouble, code=code, error=sentence)
