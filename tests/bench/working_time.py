"""Working time: one shift, one calendar, and the working time of a market from its rows."""

import time
from argparse import Namespace
from collections.abc import Callable
from random import Random

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regions import working_time
from regions.calendars import ONE_DAY
from regions.models import Market
from tenants.context import acting_for
from tests.bench.company import make_company
from tests.bench.laboratory import Laboratory, say

MARKETS = 60
SHIFTS = 1_000_000
MICRO, MILLI = 1e6, 1e3


def run(laboratory: Laboratory, options: Namespace) -> None:
    """Measure the processor time of what planning does most."""
    now = timezone.now()
    with laboratory.copy("bench_working_time"):
        company = make_company("Days", regions=4, markets=MARKETS, csms=1, today=now.date())
        with acting_for(company.organization_id, door="command"):
            markets = list(Market.objects.all())
            working_time._built.clear()
            with CaptureQueriesContext(connection) as captured:
                first = _cpu(lambda: [working_time.working_time(market) for market in markets])
            working_time._built.clear()
            again = _cpu(lambda: [working_time.working_time(market) for market in markets])
            calendar = working_time.working_time(markets[0]).calendar
    dice = Random(1)
    days = [now.date() + ONE_DAY * dice.randrange(700) for _ in range(1000)]

    def shift_all() -> None:
        for _ in range(SHIFTS // len(days)):
            for day in days:
                calendar.shift(day, 10)

    say(f"\nworking time, of {MARKETS} markets")
    say(f"  built the first time   {first / MARKETS * MILLI:.3g} ms CPU a market")
    say(f"  built anew             {again / MARKETS * MILLI:.3g} ms CPU a market")
    say(f"  queries                {len(captured) / MARKETS:.3g} a market")
    say(f"  shift by 10 days       {_cpu(shift_all) / SHIFTS * MICRO:.3g} us CPU")


def _cpu(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start
