"""How every service writes a row: validated whole, and never over somebody else's change."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from toolkit.errors import DomainError

ModelT = TypeVar("ModelT", bound=models.Model)


class StaleVersion(DomainError):
    """Somebody else saved in between."""

    def __init__(self, instance: models.Model | None = None) -> None:
        self.instance = instance
        super().__init__(
            _("Somebody else changed this after you opened it. Reload it and try again.")
        )


@transaction.atomic
def store(instance: ModelT, *, fields: Sequence[str] | None = None) -> ModelT:
    """Validate ``instance`` and save it; a versioned one as its next version.

    ``fields`` leaves the other columns of an existing row to whoever writes them meanwhile.

    :raises ValidationError: if a field or a constraint says no.
    :raises StaleVersion: if its stored version is another than the one it carries.
    """
    validate(instance)
    if instance._state.adding:
        instance.save(force_insert=True)
        return instance
    if hasattr(instance, "version"):
        _next_version(instance)
        fields = fields and [*fields, "version"]
    instance.save(force_update=True, update_fields=fields)
    return instance


def validate(instance: models.Model) -> None:
    """Check fields and constraints, and name the field where a constraint concerns only one.

    :raises ValidationError: for the first kind of error found, by field.
    """
    instance.full_clean(exclude=_known_to_exist(instance), validate_constraints=False)
    errors: dict[str, list[ValidationError]] = {}
    for model, constraints in instance.get_constraints():
        for constraint in constraints:
            if "id" in getattr(constraint, "fields", ()):
                continue  # Ids are random: no other row has it.
            try:
                constraint.validate(model, instance)
            except ValidationError as error:
                errors.setdefault(_field_of(constraint), []).append(error)
    if errors:
        raise ValidationError(errors)


def _known_to_exist(instance: models.Model) -> set[str]:
    """Return the references that need no look into the database: loaded, or set by no person.

    The database holds every reference anyway; asking first only words the refusal better.
    """
    return {
        field.name
        for field in instance._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and (not field.editable or _is_loaded(instance, field))
    }


def _is_loaded(instance: models.Model, field: "models.ForeignKey[Any, Any]") -> bool:
    related = field.get_cached_value(instance, default=None)
    return related is not None and related.pk == getattr(instance, field.attname)


def _field_of(constraint: models.BaseConstraint) -> str:
    """Return the one field that is unique in an organization, or the key for no field."""
    if isinstance(constraint, models.UniqueConstraint) and constraint.condition is None:
        fields = [name for name in constraint.fields if name != "organization"]
        if len(fields) == 1:
            return fields[0]
    return NON_FIELD_ERRORS


def _next_version(instance: models.Model) -> None:
    seen: int = instance.version  # type: ignore[attr-defined]
    # Weak enough not to hold up who only inserts rows that point to this one.
    rows = type(instance)._base_manager.select_for_update(no_key=True)
    if not rows.filter(pk=instance.pk, version=seen).values_list("pk").first():
        raise StaleVersion(instance)
    instance.version = seen + 1  # type: ignore[attr-defined]
