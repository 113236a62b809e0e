"""What planning would make of markets that are not open yet: done for real, and taken back."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from engagement.choices import PassTrigger
from engagement.fortnight import Fortnight, read_fortnight
from engagement.services.known_days import within_known_days
from engagement.services.passes import plan_market
from playbooks.services import cadence_table
from regions.models import Market
from regions.services import open_markets
from regions.working_time import prepare_working_times
from toolkit import effects
from toolkit.effects import Effect


def foresee_start(*, markets: Sequence[Market], now: dt.datetime) -> Fortnight:
    """Return the fortnight that would come if ``markets`` were opened at ``now`` (UTC).

    :raises StaleVersion: if somebody changed one of them since it was read.
    :raises NoKnownDay: if a check-in would fall beyond the holidays known.
    """
    with transaction.atomic():
        _open_and_plan(markets, now)
        fortnight = read_fortnight(now=now)
        transaction.set_rollback(True)
    return fortnight


def preview_once_open(
    change: Callable[[], Any], *, markets: Sequence[Market], now: dt.datetime
) -> list[Effect]:
    """Return what a change leads to where ``markets`` are open and planned; nothing stays.

    :raises StaleVersion: if somebody changed one of the markets since it was read.
    :raises NoKnownDay: if a check-in would fall beyond the holidays known.
    """
    with transaction.atomic():
        _open_and_plan(markets, now)
        found = effects.preview(change)
        transaction.set_rollback(True)
    return found


def _open_and_plan(markets: Sequence[Market], now: dt.datetime) -> None:
    opened = open_markets(markets)
    prepare_working_times(opened)
    cadences = cadence_table()
    with within_known_days():
        # In the order of their locks.
        for market in sorted(opened, key=lambda each: each.pk):
            plan_market(market=market, now=now, trigger=PassTrigger.CHANGE, cadences=cadences)
