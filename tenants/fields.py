"""Foreign keys that stay inside an organization."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from typing import TypeVar

    _ST = TypeVar("_ST")
    _GT = TypeVar("_GT")

    class TenantForeignKey(models.ForeignKey[_ST, _GT]):
        """What a type checker sees."""

        indexed: bool

        def __init__(
            self, to: Any, on_delete: Any = ..., *, indexed: bool = ..., **kwargs: Any
        ) -> None: ...

else:

    class TenantForeignKey(models.ForeignKey):
        """A foreign key whose constraint and index are made by ``SecureTable``.

        The database holds it as (organization, id), not deferrable: it cannot point into
        another organization, and a violation is reported where it happens. ``indexed=False``
        leaves out the index (organization, key).
        """

        def __init__(
            self, to: Any, on_delete: Any = models.PROTECT, *, indexed: bool = True, **kwargs: Any
        ) -> None:
            self.indexed = indexed
            super().__init__(to, on_delete, **kwargs | {"db_constraint": False, "db_index": False})

        def deconstruct(self) -> Any:
            name, path, args, kwargs = super().deconstruct()
            del kwargs["db_constraint"], kwargs["db_index"]
            if not self.indexed:
                kwargs["indexed"] = False
            return name, path, args, kwargs
