"""32 writers: messages a second to one conversation, whose index each has to take in turn, and to 1,000 in turn."""

from bench.contact_center import ContactCenter, serving, told
from bench.figures import Figure
from bench.load import Script
from bench.setting import Setting

MESSAGES = Script("messages.lua")
CONVERSATIONS = "/conversations/v1/Conversations"
MANY = 1000


def run(setting: Setting) -> list[Figure]:
    with setting.databases.empty() as url, serving(url, setting.folder) as center:
        setting.say(f"{MANY} conversations are made")
        sids = [told(center.client.post(CONVERSATIONS))["sid"] for _ in range(MANY)]
        setting.say(f"32 writers to {MANY} conversations")
        many = setting.load(MESSAGES, center.running, conversations=",".join(sids))
        setting.profile("a message", MESSAGES, center.running, many.cpu_us, conversations=",".join(sids))
        setting.say("32 writers to one conversation")
        already = _messages(center, sids[0])
        one = setting.load(MESSAGES, center.running, conversations=sids[0])
        if _messages(center, sids[0]) < already + one.things:
            raise SystemExit("messages that were answered have no index of their own")
    name = setting.databases.name
    return [
        Figure(f"messages to {MANY} conversations", name, f"{many.rate:.0f}/s", load=many),
        Figure(
            "messages to one conversation", name, f"{one.rate:.0f}/s", f"{one.rate / many.rate:.2f} of those", load=one
        ),
    ]


def _messages(center: ContactCenter, sid: str) -> int:
    (last,) = center.get(f"{CONVERSATIONS}/{sid}/Messages", Order="desc", PageSize=1)["messages"]
    return int(last["index"]) + 1
