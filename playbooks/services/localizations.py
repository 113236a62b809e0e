"""What a region or a market changes, while it is worked on."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from playbooks.models import Localization
from playbooks.services.bases import base_for
from playbooks.services.local_changes import replace_changes
from tenants.models import Membership
from toolkit.errors import InvalidInput
from toolkit.storage import store


@transaction.atomic
def open_localization(
    localization: Localization,
    *,
    by: Membership | None,
    at: dt.datetime,
    changes: Sequence[Mapping[str, Any]] = (),
) -> Localization:
    """Save a new localization, with its changes.

    :raises NothingToLocalize: if the playbook has no version to rest on.
    :raises InvalidInput: for changes that cannot be taken, each by its path.
    """
    if not (localization.region_id or localization.market_id):
        raise InvalidInput({"market": _("Choose a region or a market.")})
    localization.base = base_for(localization.playbook, localization.place)
    store(localization)
    replace_changes(localization, changes, by=by, at=at)
    return localization


@transaction.atomic
def save_localization(
    localization: Localization,
    *,
    by: Membership | None,
    at: dt.datetime,
    changes: Sequence[Mapping[str, Any]] | None = None,
) -> Localization:
    """Save a localization, and with ``changes`` all of them: those that are not named go.

    A change is written as ``{"action", "step", "field", "value", "reason_kind", "reason",
    "evidence", "statement"}``; one that stays as it is keeps its author and its time.

    :raises InvalidInput: for changes that cannot be taken, each by its path.
    """
    store(localization)
    if changes is not None:
        replace_changes(localization, changes, by=by, at=at)
    return localization


@transaction.atomic
def remove_localization(localization: Localization) -> None:
    """Remove a localization that was never published; a published one is emptied instead.

    :raises ProtectedError: if it was published.
    """
    localization.delete()
