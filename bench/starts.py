"""How long a start on an existing database takes, and how much memory the server then has.

Two databases: one in which life cycles were lived to their end, so that routing has little to build up; and one as a load of
creates left it, in which every worker has offers open. The time is from the start of the process until ``/readyz`` is answered,
with routing built up; memory is the resident set then.
"""

import statistics

from bench.contact_center import serving
from bench.creates import CREATE_PATH, CREATES
from bench.figures import Figure
from bench.lifecycles import CYCLES, WARM_UP, words
from bench.load import CONNECTIONS
from bench.setting import Setting

AIM_MS, AIM_MB = 600, 80
STARTS = 5


def run(setting: Setting) -> list[Figure]:
    with setting.laid_out(CONNECTIONS, capacity=1) as url:
        setting.say("life cycles are lived, to start after")
        with serving(url, setting.folder) as center:
            cycles = setting.measure(CYCLES, center.running, **words(center), first_seat=WARM_UP).things
        figures = _started(setting, url, f"{cycles} cycles", aimed=True)
    with setting.laid_out(setting.workers) as url:
        setting.say("offers are made, to start with")
        with serving(url, setting.folder) as center:
            offers = setting.measure(CREATES, center.running, path=CREATE_PATH, body=center.create_form()).things
            center.until_offered()
        return figures + _started(setting, url, f"{offers} offers open", aimed=False)


def _started(setting: Setting, url: str, on: str, *, aimed: bool) -> list[Figure]:
    took, memory = [], []
    for _ in range(STARTS):
        with serving(url, setting.folder) as center:
            took.append(center.running.started_s * 1000)
            memory.append(center.running.started_mb)
    ms, mb = statistics.median(took), statistics.median(memory)
    name = setting.databases.name
    if not aimed:
        return [Figure("start", name, f"{ms:.0f} ms", on), Figure("memory", name, f"{mb:.0f} MB", on)]
    return [
        Figure("start", name, f"{ms:.0f} ms", on, f"< {AIM_MS} ms", ms < AIM_MS),
        Figure("memory", name, f"{mb:.0f} MB", on, f"< {AIM_MB} MB", mb < AIM_MB),
    ]
