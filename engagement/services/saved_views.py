"""Filters of Today kept under a name, for oneself, one's team or everybody."""

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.choices import Channel, Tier
from engagement.choices import Grouping, Show, Visibility
from engagement.list_filters import NOBODY, kept_filters
from engagement.models import SavedView
from regions.access import EVERYWHERE
from regions.models import Market
from tenants.choices import Role
from tenants.models import Membership
from toolkit.errors import InvalidInput
from toolkit.storage import store

SHARES_WITH_ALL = (*EVERYWHERE, Role.REGIONAL_MANAGER)
_CHOICES: dict[str, type[Any]] = {
    "show": Show,
    "tier": Tier,
    "channel": Channel,
    "by": Grouping,
}
_LONGEST_NAME = 200


def save_view(view: SavedView, *, by: Membership) -> SavedView:
    """Keep a view under its name; a new one belongs to ``by``.

    :raises InvalidInput: for a filter that does not exist, or a reach that she may not give.
    :raises ValidationError: for a name that she has given already.
    """
    if view._state.adding:
        view.owner = by
    may_share = by.role in SHARES_WITH_ALL
    if view.visibility == Visibility.SHARED and not may_share:
        raise InvalidInput({"visibility": _("Only leads share a view with everybody.")})
    view.filters = _checked(view.filters)
    return store(view)


def remove_view(view: SavedView) -> None:
    """Forget a view."""
    view.delete()


def _checked(given: Any) -> dict[str, str]:
    try:
        filters = kept_filters(given)
    except KeyError as error:
        raise InvalidInput(
            {"filters": _("There is no filter “%(name)s”.") % {"name": error.args[0]}}
        ) from None
    for name, choices in _CHOICES.items():
        if name in filters and filters[name] not in choices.values:
            raise _wrong(name)
    if len(filters.get("q", "")) > _LONGEST_NAME or "\0" in filters.get("q", ""):
        raise _wrong("q")
    _check_reference(filters, "market", Market)
    if filters.get("owner") != NOBODY:
        _check_reference(filters, "owner", Membership)
    return filters


def _check_reference(filters: dict[str, str], name: str, model: type[Model]) -> None:
    if name not in filters:
        return
    try:
        pk = UUID(filters[name])
    except ValueError:
        raise _wrong(name) from None
    if not model._default_manager.filter(pk=pk).exists():
        raise _wrong(name)
    filters[name] = str(pk)


def _wrong(name: str) -> InvalidInput:
    return InvalidInput({f"filters.{name}": _("Choose one of those that there are.")})
