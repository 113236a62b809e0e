"""Plan, launch and deliver under fire on servers of our own; the exit code tells how it went."""

import argparse
import os
import random
import sys
import time
from dataclasses import asdict

import django
from django.core.management import call_command

from cs_platform.embedded import ephemeral_servers
from cs_platform.embedded.process import free_ports
from tests.chaos.crew import LEASE_SECONDS


def main() -> int:
    """Run what the command line asks for; without arguments, the full measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    add = parser.add_argument
    add("--check-ins", type=int, default=5000, help="how many are to be planned")
    add("--markets", type=int, default=32, help="of each of the two organizations")
    add("--regions", type=int, default=4, help="of each organization")
    add("--seconds", type=int, default=180, help="how long it lasts at least")
    add("--kills", type=int, default=200, help="of processes of workers, parents and children")
    add("--sessions", type=int, default=3, help="database sessions ended")
    add("--crashes", type=int, default=2, help="database processes killed: it recovers")
    add("--servers", type=int, default=5, help="whole database servers killed and revived")
    add("--redis", type=int, default=3, help="whole Redis servers killed and revived")
    add("--flushes", type=int, default=2, help="of Redis")
    add("--beats", type=int, default=2, help="beats replaced, or added")
    add("--receivers", type=int, default=6, help="receiving ends killed and revived")
    add("--seed", type=int, default=1, help="of what is left to chance")
    options = parser.parse_args()
    given = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    with ephemeral_servers(given, durable=True) as servers:
        os.environ.update(servers.environment)
        os.environ["DJANGO_SETTINGS_MODULE"] = "cs_platform.settings.dev"
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
            servers=options.servers,
            redis=options.redis,
            flushes=options.flushes,
            beats=options.beats,
            receivers=options.receivers,
            seconds=options.seconds,
        )
        port = next(free_ports())
        scenario = prepare(
            servers,
            port=port,
            check_ins=options.check_ins,
            markets=options.markets,
            regions=options.regions,
            waves=-(-plan.shots * WAVES_A_SHOT // (2 * options.regions)),
        )
        dice = random.Random(options.seed)
        start = time.monotonic()
        received = servers.data / "received"
        receiver = (str(port), str(received), *(each.secret for each in scenario.endpoints))
        with Crew(servers.data, servers.environment, dice, receiver) as crew:
            try:
                Fire(scenario, crew, plan, dice).rage()
            except TooSlow as error:
                print(f"planning stood still: {error}\n{crew.last_words()}", flush=True)
        verdict = judge(scenario, received)
        print(f"{plan} in {time.monotonic() - start:.0f} s, leases of {LEASE_SECONDS} s")
        print(f"  {'killed workers':18} {crew.killed}")
        for name, value in asdict(verdict).items():
            print(f"  {name:18} {value}")
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
