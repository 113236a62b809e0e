"""The API of what markets answer where a step assumes what their profile denies."""

from operator import attrgetter
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from playbooks import services
from playbooks.models import AssumptionDecision
from regions.access import WorksThere
from regions.api.profile import CulturalStatementSerializer
from tenants.permissions import Right, member_of
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import CreateMixin, ReadViewSet, RemoveMixin


class OpenQuestionSerializer(serializers.Serializer[Any]):
    """A step of a market's edition that rests on what the market's profile denies."""

    market = serializers.UUIDField(source="market.pk")
    market_code = serializers.CharField(source="market.code")
    edition = serializers.UUIDField(source="edition.pk")
    step = serializers.CharField(source="step.key")
    title = serializers.CharField(source="step.fields.title")
    assumption = serializers.CharField(source="question.assumption.value")
    statements = CulturalStatementSerializer(many=True)


class AssumptionDecisionSerializer(StrictModelSerializer[AssumptionDecision]):
    """A step that is fine in a market as it is, and why."""

    class Meta:
        model = AssumptionDecision
        fields = (
            "id",
            "version",
            "playbook",
            "market",
            "step",
            "assumption",
            "because",
            "decided_by",
            "decided_at",
        )
        read_only_fields = ("decided_by",)


class AssumptionDecisionFilterSet(FilterSet):
    """Filters of decisions on assumptions."""

    playbook = IdFilter()
    market = IdFilter()


class AssumptionDecisionViewSet(ReadViewSet[AssumptionDecision], CreateMixin, RemoveMixin):
    """Steps that somebody found fine as they are; deleting a decision asks again."""

    queryset = AssumptionDecision.objects.select_related("market")
    serializer_class = AssumptionDecisionSerializer
    filterset_class = AssumptionDecisionFilterSet
    permission_classes = [WorksThere]
    place_of = attrgetter("market")
    write_right = Right.EDIT_STRUCTURE
    remove = staticmethod(services.withdraw_decision)

    def change(self, instance: AssumptionDecision, values: dict[str, Any]) -> AssumptionDecision:
        """Note a new decision."""
        for name, value in values.items():
            setattr(instance, name, value)
        self.check_object_permissions(self.request, instance)
        return services.decide_assumption(instance, by=member_of(self.request), at=timezone.now())
