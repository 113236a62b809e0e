"""The API of what is proposed after outcomes."""

from django_filters import ChoiceFilter

from engagement import services
from engagement.choices import Outcome, Sentiment
from engagement.models import OutcomeRule
from regions.access import Place, WorksThere
from tenants.permissions import Right
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import TenantViewSet


class OutcomeRuleSerializer(StrictModelSerializer[OutcomeRule]):
    """A playbook that is proposed once a task is done so."""

    class Meta:
        model = OutcomeRule
        fields = ("id", "version", "outcome", "sentiment", "playbook")


class OutcomeRuleFilterSet(FilterSet):
    """Filters of proposals."""

    outcome = ChoiceFilter(choices=Outcome.choices)
    sentiment = ChoiceFilter(choices=Sentiment.choices)
    playbook = IdFilter()


class OutcomeRuleViewSet(TenantViewSet[OutcomeRule]):
    """Which playbooks are proposed after which outcomes."""

    queryset = OutcomeRule.objects.all()
    serializer_class = OutcomeRuleSerializer
    filterset_class = OutcomeRuleFilterSet
    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_outcome_rule)
    remove = staticmethod(services.remove_outcome_rule)

    @staticmethod
    def place_of(_rule: OutcomeRule) -> Place:
        """Return the whole organization: its markets share the rules."""
        return None
