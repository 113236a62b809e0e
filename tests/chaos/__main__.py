"""Plan under fire on servers of our own; the exit code tells how it went."""

import argparse
import os
import random
import sys
import time
from dataclasses import asdict

import django
from django.core.management import call_command

from cs_platform.embedded import ephemeral_servers
from tests.chaos.crew import LEASE_SECONDS


def main() -> int:
    """Run what the command line asks for; without arguments, the full measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    add = parser.add_argument
    add("--check-ins", type=int, default=5000, help="how many are to be planned")
    add("--markets", type=int, default=32, help="of each of the two organizations")
    add("--regions", type=int, default=4, help="of each organization")
    add("--kills", type=int, default=30, help="of workers: parents and children in turn")
    add("--sessions", type=int, default=3, help="database sessions ended")
    add("--crashes", type=int, default=2, help="database processes killed: it recovers")
    add("--flushes", type=int, default=2, help="of Redis")
    add("--beats", type=int, default=2, help="beats replaced, or added")
    add("--seed", type=int, default=1, help="of what is left to chance")
    options = parser.parse_args()
    given = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    with ephemeral_servers(given, durable=True) as servers:
        os.environ.update(servers.environment)
        os.environ["DJANGO_SETTINGS_MODULE"] = "cs_platform.settings.test"
        os.environ["LOG_LEVEL"] = "WARNING"
        django.setup()
        from tests.chaos.crew import Crew
        from tests.chaos.fire import WAVES_A_SHOT, Fire, Plan, TooSlow
        from tests.chaos.scenario import prepare
        from tests.chaos.verdict import judge

        call_command("migrate", verbosity=0)
        plan = Plan(
            workers=options.kills,
            sessions=options.sessions,
            crashes=options.crashes,
            flushes=options.flushes,
            beats=options.beats,
        )
        scenario = prepare(
            servers,
            check_ins=options.check_ins,
            markets=options.markets,
            regions=options.regions,
            waves=-(-plan.shots * WAVES_A_SHOT // (2 * options.regions)),
        )
        dice = random.Random(options.seed)
        start = time.monotonic()
        with Crew(servers.data, servers.environment, dice) as crew:
            try:
                Fire(scenario, crew, plan, dice).rage()
            except TooSlow as error:
                print(f"planning stood still: {error}\n{crew.last_words()}", flush=True)
        verdict = judge(scenario)
        print(f"{plan} in {time.monotonic() - start:.0f} s, leases of {LEASE_SECONDS} s")
        for name, value in asdict(verdict).items():
            print(f"  {name:18} {value}")
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
