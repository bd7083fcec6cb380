"""What ``cordboard listen`` prints of requests and of what became of them."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import parse_qsl

import httpx
from rich.console import Console

from cordboard.webhooks.calling import Calls
from cordboard.webhooks.messages import Message
from cordboard.webhooks.model import Reply

_PREFIXES = ("x-twilio-", "i-twilio-", "x-cordboard-", "content-type")
_LONGEST = 20_000


async def as_sent(url: str, message: Message) -> httpx.Request | None:
    """The request that a message becomes; None for a URL that nothing can be sent to."""
    sent: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(httpx.codes.NO_CONTENT, stream=httpx.ByteStream(b""))

    calls = Calls(httpx.MockTransport(take), "")
    await calls.call(url, 1000, message)
    await calls.close()
    return sent[0] if sent else None


class Teller:
    """Prints, in colours where there is a terminal. What others wrote cannot steer the terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, sentence: str) -> None:
        """Print a line of our own."""
        self._print(sentence)

    def headline(self, at: str | datetime, *words: object) -> None:
        """Print the line above a request, or a line that tells how it goes on; ``at`` is UTC."""
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        said = " ".join(str(word) for word in words if word not in {None, ""})
        self._print(f"{moment:%H:%M:%S}  {said}", style="bold")

    def request(self, request: httpx.Request) -> None:
        """Print the vendor's headers, ours, and the parameters or the body."""
        shown = [(name, value) for name, value in request.headers.multi_items() if name.startswith(_PREFIXES)]
        self._pairs(sorted(shown), style="dim")
        if not request.content:
            self._pairs(request.url.params.multi_items())
        elif request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            self._pairs(parse_qsl(request.content.decode("utf-8", "replace"), keep_blank_values=True))
        else:
            self._print(_indented(request.content.decode("utf-8", "replace")))

    def verdict(self, sentence: str, *, is_good: bool) -> None:
        """Print whether a signature is right, or how a call ended."""
        self._print(_indented(sentence), style="green" if is_good else "red")

    def reply(self, where: str, reply: Reply, took_ms: float) -> None:
        """Print what a URL answered."""
        said = f"{where} answered {reply.status}" if reply.status is not None else f"{where}: {reply.error}"
        self.verdict(f"{said} in {took_ms:.0f} ms", is_good=reply.is_good)
        if reply.body:
            self._print(_indented(reply.body.decode("utf-8", "replace")), style="dim")

    def _pairs(self, pairs: Iterable[tuple[str, str]], style: str = "") -> None:
        pairs = list(pairs)
        width = max((len(name) for name, _ in pairs), default=0)
        for name, value in pairs:
            self._print(_indented(f"{name:<{width}}  {value}"), style=style)

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(harmless(text), style=style, markup=False, highlight=False, soft_wrap=True)


def _indented(text: str) -> str:
    return "\n".join(f"          {line}" for line in text[:_LONGEST].splitlines())


def harmless(text: str) -> str:
    """A text that others wrote, in which nothing steers the terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in text)
