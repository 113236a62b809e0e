"""The admin of rows about accounts."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from accounts.names import prefix_range
from tenants.admin import ModelT, TenantAdmin


class FoundByAccountAdmin(TenantAdmin[ModelT]):
    """Rows about accounts, which may be many: never counted, found by the account's name."""

    search_fields = ("account__search_name",)
    search_help_text = _("The beginning of the account's name.")
    paginator = InfinitePaginator

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the rows of accounts whose name begins so, by index."""
        if not search_term:
            return queryset, False
        start, end = prefix_range(search_term)
        named = queryset.filter(account__search_name__gte=start, account__search_name__lt=end)
        return named, False
