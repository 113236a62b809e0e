"""How every service writes a row: validated whole, and never over somebody else's change."""

from typing import TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from toolkit.errors import DomainError

ModelT = TypeVar("ModelT", bound=models.Model)


class StaleVersion(DomainError):
    """Somebody else saved in between."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else changed this after you opened it. Reload it and try again.")
        )


@transaction.atomic
def store(instance: ModelT) -> ModelT:
    """Validate ``instance`` and save it; a versioned one as its next version.

    :raises ValidationError: if a field or a constraint says no.
    :raises StaleVersion: if its stored version is another than the one it carries.
    """
    instance.full_clean(validate_unique=True)
    if instance._state.adding:
        instance.save(force_insert=True)
        return instance
    if hasattr(instance, "version"):
        _next_version(instance)
    instance.save(force_update=True)
    return instance


def _next_version(instance: models.Model) -> None:
    model = type(instance)
    seen: int = instance.version  # type: ignore[attr-defined]
    changed = model._base_manager.filter(pk=instance.pk, version=seen).update(version=seen + 1)
    if not changed:
        raise StaleVersion
    instance.version = seen + 1  # type: ignore[attr-defined]
