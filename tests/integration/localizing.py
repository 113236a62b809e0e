"""Localizations published, and versions that follow, as several tests need them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from playbooks import services
from playbooks.documents import edition_contents
from playbooks.models import Edition, Localization, PlaybookVersion
from regions.models import Market, Region
from tests import factories
from tests.conftest import Cast


def publish(localization: Localization, cast: Cast, **settled: Any) -> list[Edition]:
    localization.refresh_from_db()
    return services.publish_localization(
        localization, by=cast.leader, at=timezone.now(), settled=settled
    )


def localized(
    version: PlaybookVersion, place: Market | Region, cast: Cast, *changes: dict[str, Any]
) -> Localization:
    """Localize a playbook and publish that."""
    localization = factories.localization(version, place, *changes)
    publish(localization, cast)
    return localization


def following(version: PlaybookVersion, cast: Cast, *steps: dict[str, Any]) -> PlaybookVersion:
    """Publish the next version with these steps."""
    draft = services.start_draft(version.playbook, by=cast.leader)
    services.save_version(draft, steps=steps)
    services.publish_version(draft, by=cast.leader, at=timezone.now())
    return draft


def fields(version: PlaybookVersion, market: Market, key: str = "kickoff") -> Any:
    """Return the fields of a step as a market carries it out, None for one that it leaves out."""
    edition = services.edition_in_force(version.playbook, market)
    assert edition
    step = edition_contents(edition).find(key)
    return step and step.fields
