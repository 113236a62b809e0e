"""The API of localizations: written, checked, published, moved to newer versions."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from governance.findings import errors
from playbooks import services
from playbooks.api.editions import EditionSerializer
from playbooks.api.parts import AnyField, ConflictSerializer, FindingSerializer
from playbooks.models import LocalChange, Localization
from playbooks.models.playbook import FINAL
from playbooks.rebase import Choice, Settlement
from playbooks.services import MarketEdition, RebaseConflicts
from playbooks.wording import finding_record
from regions.access import Place, WorksThere
from regions.models import Market
from tenants.permissions import Right, member_of
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import ReadViewSet
from toolkit.errors import InvalidInput

Settlements = dict[tuple[str, str], Settlement]


class ChangeSerializer(StrictModelSerializer[LocalChange]):
    """One change, and why. What was not changed keeps its author and its time."""

    value = AnyField(
        required=False,
        allow_null=True,
        help_text=gettext_lazy("For set the value here, null for empty; for add the whole step."),
    )

    class Meta:
        model = LocalChange
        fields = (
            "action",
            "step",
            "field",
            "value",
            "reason_kind",
            "reason",
            "evidence",
            "statement",
            "author",
            "since",
        )
        read_only_fields = ("author",)


class LocalizationSerializer(StrictModelSerializer[Localization]):
    """What a region or market changes; the changes that are sent replace all there are."""

    rests_on = serializers.IntegerField(
        source="base.number",
        read_only=True,
        help_text=gettext_lazy("The number of the global version."),
    )
    changes = ChangeSerializer(many=True, required=False)

    class Meta:
        model = Localization
        fields: tuple[str, ...] = (
            "id",
            "version",
            "playbook",
            "region",
            "market",
            "base",
            "rests_on",
            "note",
            "changes",
        )
        read_only_fields = ("base",)
        create_only_fields = ("playbook", "region", "market")


class PublishedLocalizationSerializer(LocalizationSerializer):
    """A published localization, with the editions that came of it."""

    editions = EditionSerializer(many=True, read_only=True)

    class Meta(LocalizationSerializer.Meta):
        fields = (*LocalizationSerializer.Meta.fields, "editions")


class SettlementSerializer(StrictSerializer):
    """What somebody decided on a conflict."""

    step = serializers.CharField(
        max_length=60,
        allow_blank=True,
        help_text=gettext_lazy("Empty for the playbook's own name and goal."),
    )
    field = serializers.CharField(
        max_length=60,
        allow_blank=True,
        default="",
        help_text=gettext_lazy("Empty where the conflict is about the whole step."),
    )
    choice = serializers.ChoiceField([choice.value for choice in Choice])
    value = AnyField(
        required=False, allow_null=True, help_text=gettext_lazy("With the choice `value` only.")
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a value without its choice, and the choice without a value."""
        if (attrs["choice"] == Choice.VALUE) != ("value" in attrs):
            raise serializers.ValidationError(
                {"value": _("Give a value with the choice “value”, and only then.")}
            )
        return attrs


class MarketSettlementSerializer(SettlementSerializer):
    """What somebody decided on a conflict of a market with its region."""

    market = serializers.CharField(max_length=10, help_text=gettext_lazy("The market's code."))


class PublicationSerializer(StrictSerializer):
    """How the conflicts of markets with a new version of their region are settled."""

    settle = MarketSettlementSerializer(many=True, required=False)


class RebaseSerializer(StrictSerializer):
    """How the conflicts with the new version are settled."""

    settle = SettlementSerializer(many=True, required=False)


class MarketCheckSerializer(serializers.Serializer[Any]):
    """What publishing would make of one market."""

    market = serializers.UUIDField()
    market_code = serializers.CharField()
    market_name = serializers.CharField()
    findings = FindingSerializer(many=True)


class LocalizationCheckSerializer(serializers.Serializer[Any]):
    """What publishing would make of every market concerned."""

    publishable = serializers.BooleanField(
        help_text=gettext_lazy(
            "Whether nothing is an error or in conflict, and the version that it rests on is "
            "published."
        )
    )
    markets = MarketCheckSerializer(many=True)
    conflicts = ConflictSerializer(many=True)


class LocalizationFilterSet(FilterSet):
    """Filters of localizations."""

    playbook = IdFilter()
    region = IdFilter()
    market = IdFilter()


class LocalizationViewSet(
    ReadViewSet[Localization],
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
):
    """What regions and markets change in playbooks; it is in force once it is published.

    One that was published is not removed: publish it without changes.
    """

    queryset = Localization.objects.select_related(
        "playbook", "region", "market__region", "base"
    ).prefetch_related("changes")
    serializer_class: type[BaseSerializer[Any]] = LocalizationSerializer
    filterset_class = LocalizationFilterSet
    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE
    remove = staticmethod(services.remove_localization)

    @staticmethod
    def place_of(localization: Localization) -> Place:
        """Return where it holds."""
        return localization.market or localization.region

    def change(self, instance: Localization, values: dict[str, Any]) -> Localization:
        """Save a localization, and its changes if they were sent."""
        fields = {name: value for name, value in values.items() if name != "changes"}
        for name, value in fields.items():
            setattr(instance, name, value)
        self.check_object_permissions(self.request, instance)
        who_and_when: Any = {"by": member_of(self.request), "at": timezone.now()}
        if instance._state.adding:
            changes = values.get("changes", ())
            return services.open_localization(instance, changes=changes, **who_and_when)
        return services.save_localization(instance, changes=values.get("changes"), **who_and_when)

    @extend_schema(responses=LocalizationCheckSerializer)
    @action(detail=True, methods=["post"], serializer_class=PublicationSerializer)
    def check(self, request: Request, pk: str) -> Response:
        """Tell what publishing would make of each market, and change nothing."""
        localization = self.get_object()
        settled = _settled_markets(localization, self.body().get("settle", ()))
        made: list[MarketEdition] = []
        conflicts: Any = ()
        try:
            made = services.check_localization(localization, at=timezone.now(), settled=settled)
        except RebaseConflicts as error:
            conflicts = error.extensions["conflicts"]
        flawed = any(errors(each.findings) for each in made)
        answer = {
            "publishable": localization.base.status in FINAL and not conflicts and not flawed,
            "markets": map(_market_record, made),
            "conflicts": conflicts,
        }
        return Response(LocalizationCheckSerializer(answer).data)

    @extend_schema(responses=PublishedLocalizationSerializer)
    @action(detail=True, methods=["post"], serializer_class=PublicationSerializer)
    def publish(self, request: Request, pk: str) -> Response:
        """Publish a localization: its market, or all markets of its region, get new editions.

        All or nothing. Every rule that is broken anywhere is told in `findings`; what the
        localizations of markets and a new version of their region both changed, in `conflicts`,
        to be settled in the next call.
        """
        localization = self.get_object()
        settled = _settled_markets(localization, self.body().get("settle", ()))
        editions = services.publish_localization(
            localization, by=member_of(request), at=timezone.now(), settled=settled
        )
        made = EditionSerializer(editions, many=True).data
        return Response(self._stored(localization) | {"editions": made})

    @extend_schema(responses=LocalizationSerializer)
    @action(detail=True, methods=["post"], serializer_class=RebaseSerializer)
    def rebase(self, request: Request, pk: str) -> Response:
        """Move a localization to the newest version that it can rest on; publish it separately.

        Untouched fields follow, changed ones stay; what both changed comes in `conflicts`, to be
        settled in the next call.
        """
        localization = self.get_object()
        settled = _settled(self.body().get("settle", ()))
        localization = services.rebase_localization(
            localization, by=member_of(request), at=timezone.now(), settled=settled
        )
        return Response(self._stored(localization))

    def _stored(self, localization: Localization) -> dict[str, Any]:
        """Return a localization as it is after an action that changed its changes."""
        stored = self.get_queryset().get(pk=localization.pk)
        values: dict[str, Any] = LocalizationSerializer(stored).data
        return values


def _settled(settlements: Sequence[Mapping[str, Any]]) -> Settlements:
    """Return what was decided by step and field.

    :raises InvalidInput: if something is decided twice.
    """
    _refuse_double([(each["step"], each["field"]) for each in settlements])
    return {
        (each["step"], each["field"]): Settlement(Choice(each["choice"]), each.get("value"))
        for each in settlements
    }


def _settled_markets(
    localization: Localization, settlements: Sequence[Mapping[str, Any]]
) -> dict[str, Settlements]:
    """Return what was decided by the code of the market.

    :raises InvalidInput: for a market that the localization does not concern.
    """
    if not settlements:
        return {}
    known = set(Market.objects.filter(region=localization.region_id).values_list("code", flat=True))
    said = _("This is no market of the region.")
    unknown = {
        f"settle[{index}].market": said
        for index, each in enumerate(settlements)
        if localization.region_id is None or each["market"] not in known
    }
    if unknown:
        raise InvalidInput(unknown)
    _refuse_double([(each["market"], each["step"], each["field"]) for each in settlements])
    by_market: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for each in settlements:
        by_market[each["market"]].append(each)
    return {code: _settled(several) for code, several in by_market.items()}


def _refuse_double(places: Sequence[tuple[str, ...]]) -> None:
    """Refuse two decisions on one thing.

    :raises InvalidInput: for the second of them.
    """
    double = {place for place, count in Counter(places).items() if count > 1}
    if double:
        last = max(index for index, place in enumerate(places) if place in double)
        raise InvalidInput({f"settle[{last}]": _("Give this once.")})


def _market_record(made: MarketEdition) -> dict[str, Any]:
    return {
        "market": made.market.pk,
        "market_code": made.market.code,
        "market_name": made.market.name,
        "findings": map(finding_record, made.findings),
    }
