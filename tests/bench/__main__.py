"""Run measurements on a durable PostgreSQL of their own."""

import argparse
import importlib
import os

import django

from cs_platform.embedded import ephemeral_servers
from tests.bench.laboratory import Laboratory

NAMES = (
    *("working_time", "planning", "launching", "lists", "imports", "bulk", "starting"),
    "editions",
)


def main() -> None:
    """Run the measurements named on the command line, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}")
    parser.add_argument(
        "--accounts",
        type=int,
        nargs="+",
        default=[10_000, 100_000, 1_000_000],
        help="how many accounts planning and launching are measured with",
    )
    parser.add_argument("--tasks", type=int, default=1_000_000, help="how many tasks lists have")
    parser.add_argument("--rows", type=int, default=100_000, help="how many a file to import has")
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is measured")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    # Never a server that the environment happens to name: its data may be dear.
    given = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    with ephemeral_servers(given, durable=True) as servers:
        os.environ.update(servers.environment)
        os.environ["DJANGO_SETTINGS_MODULE"] = "cs_platform.settings.test"
        os.environ.setdefault("LOG_LEVEL", "ERROR")
        django.setup()
        laboratory = Laboratory(servers)
        laboratory.prepare()
        for name in options.names or NAMES:
            importlib.import_module(f"tests.bench.{name}").run(laboratory, options)


if __name__ == "__main__":
    main()
