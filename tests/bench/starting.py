"""The fortnight that a leader looks at before the start: planned for real, and taken back."""

from argparse import Namespace

from django.utils import timezone

from engagement.fortnight import Fortnight
from engagement.models import Enrolment, MarketPass, Task
from engagement.services import foresee_start
from regions.choices import MarketStatus
from regions.models import Market
from tenants.context import acting_for
from tests.bench.company import ACCOUNTS, make_company
from tests.bench.laboratory import Laboratory, say, spread

MARKETS, CSMS = 16, 40
MOST_ACCOUNTS = 100_000
"""An organization that starts with more has people who start it."""


def run(laboratory: Laboratory, options: Namespace) -> None:
    """Measure what the page costs, and that it leaves nothing."""
    now = timezone.now()
    for accounts in (number for number in options.accounts if number <= MOST_ACCOUNTS):
        with laboratory.copy("bench_starting"):
            company = make_company(
                "Starting", regions=3, markets=MARKETS, csms=CSMS, today=now.date()
            )
            with laboratory.superuser("bench_starting") as superuser:
                superuser.execute("SET session_replication_role = replica")
                superuser.execute(
                    ACCOUNTS,
                    {
                        "organization": company.organization_id,
                        "markets": company.market_ids,
                        "market_count": MARKETS,
                        "csms": company.csm_ids,
                        "csm_count": CSMS,
                        "accounts": accounts,
                        "today": now.date(),
                    },
                )
                superuser.execute("SET session_replication_role = DEFAULT")
                superuser.execute("VACUUM (ANALYZE)")
            with acting_for(company.organization_id, door="command"):
                Market.objects.update(status=MarketStatus.PREPARING)
                passes = MarketPass.objects.count()
            found: list[Fortnight] = []

            def look() -> None:
                with acting_for(company.organization_id, door="command"):  # noqa: B023
                    markets = list(Market.objects.all())
                    found.append(foresee_start(markets=markets, now=now))  # noqa: B023

            costs = [laboratory.measure(look) for _ in range(options.rounds)]
            with acting_for(company.organization_id, door="command"):
                left = MarketPass.objects.count() - passes
                assert not left
                assert not Task.objects.exists()
                assert not Enrolment.objects.exists()
            say(f"\nthe fortnight of {accounts} accounts in {MARKETS} markets, before the start")
            say(f"  {found[0].check_ins} check-ins, {len(found[0].people)} people")
            say(f"  {spread([cost.wall for cost in costs])} s")
            say(f"  CPU {spread([cost.cpu for cost in costs])} s, with the database")
