"""The versions of a cadence: listed, and any two of them compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from playbooks.models import Cadence, CadenceRevision
from regions.models import Market, Region

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two versions say otherwise."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions of a cadence."""

    left: CadenceRevision
    right: CadenceRevision
    changes: list[Difference]


def revisions_of(cadence: Cadence, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return the versions, the newest first, and the two that ``left`` and ``right`` name."""
    found = cadence.revisions.select_related("author").order_by("-number")[:MOST_SHOWN]
    revisions = list(found)
    by_number = {str(each.number): each for each in revisions}
    left, right = (by_number.get(asked.get(name, "")) for name in ("left", "right"))
    compared = None
    if left and right:
        compared = Compared(left, right, _differences(left.content, right.content))
    elif len(revisions) > 1:
        older, newer = revisions[1], revisions[0]
        compared = Compared(older, newer, _differences(older.content, newer.content))
    return {"revisions": revisions, "compared": compared}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    return [
        Difference(
            _label(name), _in_words(name, before.get(name)), _in_words(name, after.get(name))
        )
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def _field(name: str) -> Any:
    return Cadence._meta.get_field(name.removesuffix("_id"))


def _label(name: str) -> str:
    return capfirst(str(_field(name).verbose_name))


def _in_words(name: str, value: Any) -> str:
    if value in (None, "", []):
        return "—"
    if name in ("region_id", "market_id"):
        model: Any = Region if name == "region_id" else Market
        place = model.objects.filter(pk=UUID(value)).first()
        return str(place or _("a place that is gone"))
    field = _field(name)
    known = dict(getattr(field, "base_field", field).flatchoices)
    values = value if isinstance(value, list) else [value]
    return ", ".join(str(known.get(each, each)) for each in values)
