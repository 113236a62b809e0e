"""The API of contact budgets."""

from django_filters import ChoiceFilter

from accounts.choices import Tier
from playbooks import services
from playbooks.models import ContactBudget
from regions.access import Place, WorksThere
from tenants.permissions import Right
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import TenantViewSet


class ContactBudgetSerializer(StrictModelSerializer[ContactBudget]):
    """How often a customer may be touched."""

    class Meta:
        model = ContactBudget
        fields = (
            "id",
            "version",
            "tier",
            "region",
            "market",
            "most_touches",
            "period_days",
            "severity",
            "reason",
        )


class ContactBudgetFilterSet(FilterSet):
    """Filters of contact budgets."""

    tier = ChoiceFilter(choices=Tier.choices)
    region = IdFilter()
    market = IdFilter()


class ContactBudgetViewSet(TenantViewSet[ContactBudget]):
    """How often customers of a tier may be touched; market beats region beats global."""

    queryset = ContactBudget.objects.select_related("region", "market")
    serializer_class = ContactBudgetSerializer
    filterset_class = ContactBudgetFilterSet
    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_budget)
    remove = staticmethod(services.remove_budget)

    @staticmethod
    def place_of(budget: ContactBudget) -> Place:
        """Return where it holds; a global one concerns the whole organization."""
        return budget.market or budget.region
