"""Filters of lists that several apps share."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class ArchivedFilter(admin.SimpleListFilter):
    """What is in use, unless one asks for what is not."""

    title = _("archived")
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices beside the usual one."""
        return [("yes", _("Archived")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        """Name the usual choice for what it is."""
        found = list(super().choices(changelist))
        found[0]["display"] = _("In use")
        return found

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what was chosen."""
        if self.value() == "all":
            return queryset
        return queryset.filter(archived_at__isnull=self.value() != "yes")
