"""All measurements, one after the other, and one table; `make bench` runs it. bench/README.md explains each figure.

make bench ARGS='--only creates --only lifecycles --on sqlite'
make bench ARGS='--only creates --profile'              # and where the server's CPU goes, by room
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import creates, filters, lifecycles, offers, starts, storage, waiting, writers
from bench.databases import KINDS, databases
from bench.figures import Figure, table
from bench.load import until_wrk
from bench.profiles import sampler
from bench.setting import Setting

PARTS = {
    "creates": creates.run,
    "lifecycles": lifecycles.run,
    "offers": offers.run,
    "starts": starts.run,
    "writers": writers.run,
    "storage": storage.run,
    "waiting": waiting.run,
    "filters": filters.run,
}
# It needs no database and no server, and has a table of its own.
ROUTER = "router"
WORKERS = 1500


def main() -> None:
    options = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--only", action="append", choices=[*PARTS, ROUTER], help="this part; may be given several times"
    )
    options.add_argument("--on", action="append", choices=KINDS, help="this database; both if not given")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=4, help="how long a measurement takes")
    options.add_argument("--warm-up", type=int, default=1, metavar="SECONDS")
    options.add_argument("--workers", type=int, default=WORKERS, help="of the contact center, with 50 seats each")
    options.add_argument("--profile", action="store_true", help="sample the server under a second load; needs py-spy")
    asked = options.parse_args()
    parts = asked.only or [*PARTS, ROUTER]
    figures = on_databases(asked, [part for part in parts if part != ROUTER])
    if figures:
        print(f"\n{table(figures)}\n", flush=True)
    if ROUTER in parts:
        subprocess.run([sys.executable, Path(__file__).with_name("router.py")], check=True)


def on_databases(asked: argparse.Namespace, parts: list[str]) -> list[Figure]:
    if not parts:
        return []
    until_wrk()
    if asked.profile:
        sampler()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        folder = Path(name)
        for kind in asked.on or KINDS:
            with databases(kind, folder) as found:
                setting = Setting(
                    folder, found, asked.rounds, asked.seconds, asked.warm_up, asked.workers, asked.profile
                )
                for part in parts:
                    figures += PARTS[part](setting)
    return figures


if __name__ == "__main__":
    main()
