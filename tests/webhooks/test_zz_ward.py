import pytest
from tests.webhooks.test_isolation import *
from tests.webhooks.conftest import receiver
from tests.webhooks.sending import delivered
from collections import Counter
@pytest.mark.parametrize("n", range(25))
def test_w(cordboard, receiver, n):
    dead = Gate(cordboard)
    receiver.script = lambda call: dead if call.path.startswith("/dead") else OK
    send_many(cordboard, [(f"{receiver.url}/dead/{number}", "one") for number in range(3 * WARD)])
    dead.wait_for_calls(WARD)
    last = send(cordboard, f"{receiver.url}/new")
    dead.open()
    cordboard.settled()
    got = sent_to(receiver, "/dead")
    if len(got) != 3*WARD:
        s = cordboard.system._followers["deliveries"]
        r = s.receivers
        print("GOT", len(got), len(set(got)), Counter(d["status"] for d in delivered(cordboard)), [d["error"] for d in delivered(cordboard) if d["error"]][:3], r.under_way, {k: len(v) for k, v in r._crowded.items()}, r.next_at, s.busy, r._in_ward, len(s._results))
        cordboard.settled()
        print("LATER", len(sent_to(receiver, "/dead")))
        assert False
