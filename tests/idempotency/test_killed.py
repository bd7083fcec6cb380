"""The answer and the change are on disk together: whatever a kill -9 left unanswered, asking again with the key does it once."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.server.processes import Served

WRITERS = 8
KILL_AFTER = 100
CONVERSATIONS = "/v1/Conversations"


def test_what_was_sent_before_a_kill_is_done_once_when_it_is_sent_again(tmp_path: Path) -> None:
    credentials = {"CORDBOARD_ACCOUNT_SID": "AC" + "1" * 32, "CORDBOARD_AUTH_TOKEN": "t" * 32}
    flags = ("--port", "0", "--database", f"sqlite:///{tmp_path / 'killed.db'}")
    auth = (credentials["CORDBOARD_ACCOUNT_SID"], credentials["CORDBOARD_AUTH_TOKEN"])
    sent: list[str] = []
    answered: dict[str, bytes] = {}

    def post(client: httpx.Client, key: str) -> httpx.Response:
        return client.post(CONVERSATIONS, data={"FriendlyName": key}, headers={"Idempotency-Key": key})

    with Served(tmp_path, *flags, **credentials) as served, httpx.Client(base_url=served.url, auth=auth) as client:

        def create_until_killed(writer: int) -> None:
            for number in range(KILL_AFTER):
                sent.append(key := f"{writer}-{number}")
                try:
                    answer = post(client, key)
                except httpx.HTTPError:
                    return
                assert answer.status_code == 201, answer.text
                answered[key] = answer.content
                if len(answered) == KILL_AFTER:
                    served.process.send_signal(signal.SIGKILL)

        with ThreadPoolExecutor(WRITERS) as writers:
            list(writers.map(create_until_killed, range(WRITERS)))
    assert len(sent) > len(answered) >= KILL_AFTER

    with Served(tmp_path, *flags, **credentials) as served, httpx.Client(base_url=served.url, auth=auth) as client:
        before = {each["friendly_name"] for each in _conversations(client)}
        for key in sent:
            again = post(client, key)
            assert again.status_code == 201, again.text
            assert again.headers.get("idempotent-replayed") == ("true" if key in before else None), key
            # The server has another port now, and the URLs in an answer are those of the first time.
            assert answered.get(key, again.content) == again.content
        assert answered.keys() <= before
        assert sorted(each["friendly_name"] for each in _conversations(client)) == sorted(sent)


def _conversations(client: httpx.Client) -> list[dict[str, str]]:
    found: list[dict[str, str]] = client.get(CONVERSATIONS, params={"PageSize": 1000}).json()["conversations"]
    return found
