"""The stage: a throw-away organization that is fuzzed, beside one that must not notice.

Both have a row of every kind. Every text that can be chosen in the second one carries
``FOREIGN``, a word that the first one does not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import schemathesis
from django.db import models

from tenants import services as tenants_services
from tenants.choices import Scope
from tenants.models import AuditEntry, Membership, Organization
from tests.architecture.rows import CANARY, make_row, saying
from tests.conftest import Cast, make_cast
from tests.everything import OWNED, digest

FOREIGN = "Wanderfalke"
ROLES = ("admin", "leader", "manager", "csm", "analyst")

# The fields of all models that point to a tenant-owned row: field name to model.
REFERENCES: Mapping[str, type[models.Model]] = {
    field.name: field.related_model
    for model in OWNED
    for field in model._meta.get_fields()
    if isinstance(field, models.ForeignKey) and field.related_model in OWNED
} | {"to": Membership}

Ids = Mapping[type[models.Model], str]
Operation = schemathesis.APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Operation]


@dataclass(frozen=True)
class Stage:
    """Who asks, and which rows there are."""

    own: Ids
    foreign: Ids
    foreign_address: str
    """The e-mail address of a member of the second organization."""
    versions: Mapping[type[models.Model], int]
    keys: Mapping[str, str]
    """The text of a key by the role that it acts as; ``reader`` is an admin's that only reads."""
    _foreign_organization: UUID

    def others(self) -> str:
        """Return a digest of all that the second organization has, its audit trail included."""
        return digest(self._foreign_organization)


def set_stage() -> Stage:
    """Make both organizations in the transaction that is open."""
    own, foreign = make_cast("Sperling"), make_cast(FOREIGN)
    own_rows = _rows_of_every_kind(own)
    with saying(FOREIGN):
        foreign_rows = _rows_of_every_kind(foreign)
    return Stage(
        own={model: str(row.pk) for model, row in own_rows.items()},
        foreign={model: str(row.pk) for model, row in foreign_rows.items()},
        foreign_address=_address_of(foreign),
        versions={model: row.version for model, row in own_rows.items() if hasattr(row, "version")},
        keys=_keys(own),
        _foreign_organization=foreign.organization.pk,
    )


def _rows_of_every_kind(cast: Cast) -> dict[type[models.Model], Any]:
    kinds: list[type[models.Model]] = [*OWNED, Organization, AuditEntry]
    for kind in kinds:
        make_row(kind, cast)
    # One row's making may have removed another: planning removes tasks that nobody touched.
    rows = {kind: _first(kind, cast) or make_row(kind, cast) for kind in kinds}
    for row in rows.values():
        with cast.acting():
            row.refresh_from_db()
    return rows


def _first(kind: type[models.Model], cast: Cast) -> Any:
    with cast.acting():
        return kind._default_manager.first()


def _keys(cast: Cast) -> dict[str, str]:
    acting = {role: (getattr(cast, role), Scope.WRITE) for role in ROLES}
    acting["reader"] = (cast.admin, Scope.READ)
    with cast.acting():
        return {
            name: tenants_services.create_api_key(membership=member, name=CANARY, scope=scope)[1]
            for name, (member, scope) in acting.items()
        }


def _address_of(cast: Cast) -> str:
    with cast.acting():
        return cast.csm.email
