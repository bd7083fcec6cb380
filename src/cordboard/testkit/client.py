"""The official Python client, unmodified, with its connection replaced: requests end in this process instead of at a socket.

Everything above the connection is Twilio's own (``TwilioHttpClient`` on ``requests``), so forms, headers, errors and paging are
what a program in service sends and reads.
"""

import io
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from twilio.http.http_client import TwilioHttpClient

from .exchange import Answer, Request


class InProcessAdapter(BaseAdapter):
    """Carries a prepared request of ``requests`` to the server in this process."""

    def __init__(self, ask: Callable[[Request], Answer]) -> None:
        super().__init__()
        self._ask = ask

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT002 - the signature of requests
        timeout: float | tuple[float | None, float | None] | None = None,  # noqa: ARG002
        verify: bool | str = True,  # noqa: ARG002, FBT002
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """See BaseAdapter."""
        url = urlsplit(str(request.url))
        headers = [(b"host", url.netloc.encode())]
        headers += [(_bytes(name).lower(), _bytes(value)) for name, value in request.headers.items()]
        body = request.body or b""
        if not isinstance(body, str | bytes):
            raise TypeError("the official client sends no body piece by piece")
        target = f"{url.path}?{url.query}" if url.query else url.path
        answer = self._ask(Request(str(request.method), url.scheme, target, headers, _bytes(body)))
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(answer.headers)
        response.encoding = get_encoding_from_headers(response.headers)
        response.raw = io.BytesIO(answer.body)
        response.request = request
        response.url = str(request.url)
        return response

    def close(self) -> None:
        """See BaseAdapter."""


def http_client(ask: Callable[[Request], Answer]) -> TwilioHttpClient:
    """What ``twilio.rest.Client(..., http_client=)`` takes."""
    client = TwilioHttpClient()
    # Proxies and .netrc of this machine are for requests that leave it.
    client.session.trust_env = False
    adapter = InProcessAdapter(ask)
    client.session.mount("https://", adapter)
    client.session.mount("http://", adapter)
    return client


def _bytes(text: str | bytes) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text
