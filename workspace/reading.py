"""What somebody reads of layers 1 and 2: for which market, and how it is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language, ngettext

from playbooks.choices import VersionStatus
from playbooks.documents import edition_contents
from playbooks.drift import Drift, drift_of
from playbooks.models import Edition
from playbooks.services import editions_in_force
from regions.models import Market
from talent.models import WorkProfile
from tenants.authentication import Identity
from workspace.editions import Said, say


def market_to_read(
    identity: Identity, markets: Sequence[Market], wanted: str = ""
) -> Market | None:
    """Return the market of a code, else the reader's home, the organization's, or the first."""
    by_code = {market.code: market for market in markets}
    if wanted in by_code:
        return by_code[wanted]
    homes = WorkProfile.objects.filter(membership=identity.membership_id)
    home = homes.values_list("home_market", flat=True).first()
    ranked = sorted(markets, key=lambda market: (market.pk != home, not market.is_home))
    return next(iter(ranked), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One playbook of a market in a list."""

    edition: Edition
    name: Said
    goal: Said
    steps: int
    local: list[str]


def playbooks_of(market: Market, *, motion: str = "") -> list[Entry]:
    """Return the playbooks in force in a market, by name, in two queries."""
    editions = (
        editions_in_force(market=market)
        .filter(
            playbook__archived_at=None, playbook__versions__status=VersionStatus.PUBLISHED.value
        )
        .prefetch_related("steps")
    )
    if motion:
        editions = editions.filter(playbook__motion=motion)
    return sorted(map(_entry, editions), key=lambda entry: entry.name.words.casefold())


def _entry(edition: Edition) -> Entry:
    contents = edition_contents(edition)
    language = get_language() or "en"
    drift = drift_of(contents)
    return Entry(
        edition=edition,
        name=say(contents.header, "name", language),
        goal=say(contents.header, "goal", language),
        steps=drift.steps,
        local=at_a_glance(drift),
    )


def at_a_glance(drift: Drift) -> list[str]:
    """Return how much of a playbook is local, one phrase for each way."""
    changed, added, dropped = drift.changed, drift.added, drift.dropped
    counted = [
        (changed, ngettext("%(count)d step changed", "%(count)d steps changed", changed)),
        (added, ngettext("%(count)d step added", "%(count)d steps added", added)),
        (dropped, ngettext("%(count)d step left out", "%(count)d steps left out", dropped)),
        (
            drift.translated,
            ngettext("%(count)d step translated", "%(count)d steps translated", drift.translated),
        ),
    ]
    return [said % {"count": count} for count, said in counted if count]
