"""The API of triggers: kept, tried dry, fired, and what came of them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.models import Account
from engagement import services
from engagement.choices import FiringResult, TriggerFact
from engagement.models import Trigger, TriggerFiring
from engagement.services import Fired, HeldBack, Refusal
from engagement.trigger_rules import WhyNot
from regions.access import Place, WorksThere
from regions.models import Market
from tenants.permissions import Right, member_of
from toolkit.api.fields import ReferenceField
from toolkit.api.filters import BooleanFilter, DateFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import ReadViewSet, TenantViewSet

REASONS = [(each.value, each.value) for each in (*WhyNot, *Refusal)]
MOST_ACCOUNTS = 100
"""How many accounts an answer names; counts are of all."""


class TriggerSerializer(StrictModelSerializer[Trigger]):
    """A fact on which a playbook starts."""

    class Meta:
        model = Trigger
        fields = (
            "id",
            "version",
            "name",
            "playbook",
            "kind",
            "days",
            "percent",
            "stage",
            "tier",
            "market",
            "cool_down_days",
            "grace_days",
            "is_active",
            "archived_at",
        )


class DryRunQuerySerializer(StrictSerializer):
    """All accounts that a trigger watches, those of a market, or one."""

    account = ReferenceField(queryset=Account.objects.select_related("market"), required=False)
    market = ReferenceField(queryset=Market.objects.all(), required=False)


class FireSerializer(StrictSerializer):
    """Which account, and what happened to it."""

    account = ReferenceField(
        queryset=Account.objects.select_related("market"),
        required=False,
        help_text=_("One account; all that the trigger watches unless given."),
    )
    occasion = serializers.CharField(
        required=False,
        max_length=100,
        help_text=_(
            "For the kind “api”: your name for what happened. The same starts once for an account."
        ),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse to tell all accounts of what happened to one."""
        if attrs.get("occasion") and not attrs.get("account"):
            raise ValidationError({"account": _("Say to which account it happened.")})
        return attrs


class HeldBackSerializer(serializers.Serializer[Any]):
    """An account for which nothing starts."""

    account = serializers.UUIDField(source="account_id")
    text = serializers.CharField(help_text=_("Why, in one sentence."))


class HeldBackGroupSerializer(serializers.Serializer[Any]):
    """How many accounts one reason holds back, with the first of them."""

    reason = serializers.ChoiceField(REASONS)
    count = serializers.IntegerField()
    accounts = HeldBackSerializer(many=True, help_text=_("A hundred at most."))


class FiredSerializer(serializers.Serializer[Any]):
    """What a trigger did, or would do."""

    runs = serializers.IntegerField(help_text=_("How many start."))
    tasks = serializers.IntegerField()
    accounts = serializers.ListField(
        child=serializers.UUIDField(), help_text=_("For which they start; a hundred at most.")
    )
    held_back = HeldBackGroupSerializer(many=True)


class DryRunSerializer(FiredSerializer):
    """What a trigger would start now."""

    watched = serializers.IntegerField(help_text=_("How many accounts it looks at in all."))
    without_occasion = serializers.IntegerField(
        help_text=_("For how many of them nothing happened; they are not among those held back.")
    )


class TriggerFilterSet(FilterSet):
    """Filters of triggers."""

    playbook = IdFilter()
    kind = ChoiceFilter(choices=TriggerFact.choices)
    is_active = BooleanFilter()
    archived = BooleanFilter("archived_at", "isnull", exclude=True)


class TriggerViewSet(TenantViewSet[Trigger]):
    """What starts playbooks by itself; deleting one archives it."""

    queryset = Trigger.objects.select_related("playbook", "market")
    serializer_class: type[BaseSerializer[Any]] = TriggerSerializer
    filterset_class = TriggerFilterSet
    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_trigger)

    @staticmethod
    def place_of(trigger: Trigger) -> Place:
        """Return where it holds; one for everywhere concerns the whole organization."""
        return trigger.market

    @staticmethod
    def remove(trigger: Trigger) -> None:
        """Archive the trigger."""
        services.archive_trigger(trigger, at=timezone.now())

    @extend_schema(responses=DryRunSerializer, filters=False)
    @action(
        detail=True,
        url_path="dry-run",
        filter_backends=[],
        pagination_class=None,
        query_serializer_class=DryRunQuerySerializer,
    )
    def dry_run(self, request: Request, pk: str) -> Response:
        """Tell who would start now, and why others would not; switched on or not.

        Asked about one account, it always says why that one does not start.
        """
        values = self.query()
        fired = services.dry_run(
            self.get_object(),
            now=timezone.now(),
            account=values.get("account"),
            market=values.get("market"),
        )
        counts = {"watched": fired.watched, "without_occasion": fired.without_occasion}
        return Response(DryRunSerializer(_answer(fired) | counts).data)

    @extend_schema(request=FireSerializer, responses=FiredSerializer)
    @action(detail=True, methods=["post"], serializer_class=FireSerializer)
    def fire(self, request: Request, pk: str) -> Response:
        """Look at once, and start what is due; each occasion starts once, however often asked."""
        fired = services.fire_trigger(
            self.get_object(), by=member_of(request), at=timezone.now(), **self.body()
        )
        return Response(FiredSerializer(_answer(fired)).data)


class TriggerFiringSerializer(StrictModelSerializer[TriggerFiring]):
    """What a trigger decided for an account."""

    class Meta:
        model = TriggerFiring
        fields = (
            "id",
            "trigger",
            "account",
            "occasion",
            "due_on",
            "day",
            "result",
            "detail",
            "run",
            "at",
        )


class TriggerFiringFilterSet(FilterSet):
    """Filters of what triggers decided."""

    trigger = IdFilter()
    account = IdFilter()
    result = ChoiceFilter(choices=FiringResult.choices)
    day_from = DateFilter("day", "gte")
    day_to = DateFilter("day", "lte")


class TriggerFiringViewSet(ReadViewSet[TriggerFiring]):
    """What triggers started, and what they did not and why, the newest first."""

    queryset = TriggerFiring.objects.all()
    serializer_class = TriggerFiringSerializer
    filterset_class = TriggerFiringFilterSet
    orderings = ("-id",)


def _answer(fired: Fired) -> dict[str, Any]:
    return {
        "runs": len(fired.accounts),
        "tasks": fired.tasks,
        "accounts": fired.accounts[:MOST_ACCOUNTS],
        "held_back": _by_reason(fired.held_back),
    }


def _by_reason(held_back: Iterable[HeldBack]) -> list[dict[str, Any]]:
    """Return how many accounts each reason holds back, the most frequent first."""
    by_reason: dict[str, list[HeldBack]] = defaultdict(list)
    for each in held_back:
        by_reason[each.reason].append(each)
    return [
        {"reason": reason, "count": len(found), "accounts": found[:MOST_ACCOUNTS]}
        for reason, found in sorted(by_reason.items(), key=lambda item: -len(item[1]))
    ]
