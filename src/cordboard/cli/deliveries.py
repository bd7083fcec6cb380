"""Deliveries of a running server, read through its public API."""

from collections.abc import AsyncIterator
from typing import Any, Self

import httpx
import msgspec

from cordboard.webhooks.messages import EVENT_POSITION, IDEMPOTENCY_TOKEN, Message
from cordboard.webhooks.model import Content, Method, Status

_PATH = "/cordboard/v1/Deliveries"
_PAGE = 100
_PATIENCE_S = 30


class Refused(Exception):
    """The server's own sentence."""


class Delivery(msgspec.Struct, frozen=True):
    """What the API shows of one, its payload byte for byte."""

    sid: str
    status: Status
    callback_url: str
    method: Method
    content: Content
    payload: msgspec.Raw
    event_position: int
    attempts: int
    answer_status: int | None
    error: str | None
    date_created: str
    date_updated: str

    def message(self, *tokens: str) -> Message:
        """It as it is sent, signed with these."""
        is_form = self.content is Content.FORM
        return Message(
            method=self.method,
            content=self.content,
            parameters=msgspec.json.decode(self.payload, type=dict[str, str]) if is_form else {},
            body=b"" if is_form else bytes(self.payload),
            tokens=tokens,
            headers={IDEMPOTENCY_TOKEN: self.sid, EVENT_POSITION: str(self.event_position)},
        )


class _Meta(msgspec.Struct):
    next_page_url: str | None


class _Page(msgspec.Struct):
    meta: _Meta
    deliveries: list[Delivery]


class Deliveries:
    """The deliveries of an account. Methods raise Refused, and httpx.HTTPError when the server does not answer."""

    def __init__(self, url: str, credentials: tuple[str, str]) -> None:
        self._url = f"{url.rstrip('/')}{_PATH}"
        self._client = httpx.AsyncClient(auth=credentials, timeout=_PATIENCE_S, trust_env=False)
        self._seen: dict[str, tuple[Status, int]] = {}
        self._newest = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def one(self, sid: str) -> Delivery:
        """The delivery with this SID."""
        return msgspec.json.decode(await self._call("GET", f"{self._url}/{sid}"), type=Delivery)

    async def replay(self, sid: str) -> Delivery:
        """Let the server send it once more to where it belongs."""
        return msgspec.json.decode(await self._call("POST", f"{self._url}/{sid}/Replay"), type=Delivery)

    async def news(self) -> list[tuple[Delivery, bool]]:
        """What was made (True) or has changed since the last look, oldest first. The first look finds the newest hundred.

        Of those that change, the last hundred are watched.
        """
        found: dict[str, Delivery] = {}
        async for page in self._newest_first():
            found |= {each.sid: each for each in page}
            if not self._newest or any(each.sid in self._seen or each.date_created < self._newest for each in page):
                break
        news = []
        for each in reversed(found.values()):
            is_new = each.sid not in self._seen
            if is_new and each.date_created < self._newest:
                continue  # it has come into sight because another one is gone
            if self._seen.get(each.sid) != _state(each):
                news.append((each, is_new))
        self._seen = {sid: _state(each) for sid, each in found.items()}
        self._newest = max((each.date_created for each in found.values()), default=self._newest)
        return news

    async def _newest_first(self) -> AsyncIterator[list[Delivery]]:
        query: str | None = f"Order=desc&PageSize={_PAGE}"
        while query is not None:
            page = msgspec.json.decode(await self._call("GET", f"{self._url}?{query}"), type=_Page)
            yield page.deliveries
            # The server may call itself by another name than it is called by here.
            following = page.meta.next_page_url
            query = following and httpx.URL(following).query.decode()

    async def _call(self, verb: str, url: str) -> bytes:
        answer = await self._client.request(verb, url)
        if answer.is_success:
            return answer.content
        try:
            told: Any = answer.json()
            sentence = str(told["message"])
        except (ValueError, LookupError, TypeError):
            sentence = f"{self._url} does not answer as Cordboard does: {answer.status_code}"
        raise Refused(sentence)


def _state(delivery: Delivery) -> tuple[Status, int]:
    return delivery.status, delivery.attempts
