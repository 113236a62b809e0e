"""The API of playbooks: what they are, and how every market stands to them."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from governance.choices import MOTIONS
from playbooks import services
from playbooks.api.assumptions import OpenQuestionSerializer
from playbooks.api.editions import EditionSerializer
from playbooks.api.localizations import LocalizationSerializer
from playbooks.api.parts import EverywhereViewSet, MarketQuerySerializer
from playbooks.api.steps import StepsField
from playbooks.api.versions import WholeVersionSerializer
from playbooks.models import Playbook, PlaybookVersion
from playbooks.services import Standing
from tenants.permissions import member_of
from toolkit.api.fields import StrictBooleanField
from toolkit.api.filters import BooleanFilter, FilterSet
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer


class VersionSummarySerializer(StrictModelSerializer[PlaybookVersion]):
    """A version at a glance."""

    class Meta:
        model = PlaybookVersion
        fields = ("id", "number", "status", "name", "published_at")


class PlaybookSerializer(StrictModelSerializer[Playbook]):
    """A playbook, with all its versions at a glance."""

    versions = VersionSummarySerializer(many=True, read_only=True, help_text=_("The newest first."))

    class Meta:
        model = Playbook
        fields = (
            "id",
            "version",
            "key",
            "motion",
            "allows_several",
            "on_market_move",
            "library_key",
            "archived_at",
            "created_at",
            "versions",
        )
        read_only_fields = ("key",)


class NewPlaybookSerializer(StrictModelSerializer[PlaybookVersion]):
    """A playbook with its first draft."""

    key = serializers.SlugField(
        max_length=60, help_text=_("Short and stable: files, guardrails and programs name it.")
    )
    motion = serializers.ChoiceField(MOTIONS)
    allows_several = StrictBooleanField(
        default=False,
        help_text=_("Whether it may run more than once for an account at the same time."),
    )
    steps = StepsField(required=False)

    class Meta:
        model = PlaybookVersion
        fields = (
            "key",
            "motion",
            "allows_several",
            "name",
            "goal",
            "tiers",
            "stages",
            "complexities",
            "change_note",
            "steps",
        )


class DriftSerializer(serializers.Serializer[Any]):
    """How far a market is from the global version, counted in steps."""

    steps = serializers.IntegerField()
    changed = serializers.IntegerField()
    added = serializers.IntegerField()
    dropped = serializers.IntegerField()
    timing = serializers.IntegerField(help_text=_("On other days."))
    translated = serializers.IntegerField(help_text=_("In another language, otherwise the same."))
    share = serializers.FloatField(help_text=_("The part of all steps that differ, 0 to 1."))


class MarketStateSerializer(serializers.Serializer[Any]):
    """How one market stands to a playbook."""

    market = serializers.UUIDField(source="market.pk")
    market_code = serializers.CharField(source="market.code")
    market_name = serializers.CharField(source="market.name")
    region_name = serializers.CharField(source="market.region.name")
    edition = serializers.UUIDField(source="edition.pk", allow_null=True)
    number = serializers.IntegerField(
        source="edition.number", allow_null=True, help_text=_("The number of the edition.")
    )
    standing = serializers.ChoiceField([standing.value for standing in Standing])
    versions_behind = serializers.IntegerField()
    drift = DriftSerializer(allow_null=True)


class PlaybookFilterSet(FilterSet):
    """Filters of playbooks."""

    motion = ChoiceFilter(choices=MOTIONS)
    archived = BooleanFilter("archived_at", "isnull", exclude=True)


class PlaybookViewSet(
    EverywhereViewSet[Playbook], mixins.UpdateModelMixin, mixins.DestroyModelMixin
):
    """The organization's playbooks, one for each way of carrying out a motion.

    Deleting one archives it: what runs goes on.
    """

    queryset = Playbook.objects.prefetch_related("versions")
    serializer_class: type[BaseSerializer[Any]] = PlaybookSerializer
    filterset_class = PlaybookFilterSet
    orderings = ("key", "id")
    store = staticmethod(services.save_playbook)

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """Return the serializer; a new playbook says more than it will itself know."""
        return NewPlaybookSerializer if self.action == "create" else super().get_serializer_class()

    @staticmethod
    def remove(playbook: Playbook) -> None:
        """Archive the playbook."""
        services.archive_playbook(playbook, at=timezone.now())

    @extend_schema(request=NewPlaybookSerializer, responses={201: PlaybookSerializer})
    def create(self, request: Request) -> Response:
        """Write a new playbook: its first draft is among its versions."""
        values = self.body()
        steps = values.pop("steps", ())
        own = ("key", "motion", "allows_several")
        playbook = Playbook(**{name: values.pop(name) for name in own if name in values})
        self.check_object_permissions(request, playbook)
        version = PlaybookVersion(**values)
        services.create_playbook(playbook, version, by=member_of(request), steps=steps)
        return Response(PlaybookSerializer(playbook).data, status=201)

    @extend_schema(request=None, responses=PlaybookSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def restore(self, request: Request, pk: str) -> Response:
        """Work with an archived playbook again."""
        playbook = self.get_object()
        self.body()
        return Response(
            PlaybookSerializer(services.restore_playbook(playbook, at=timezone.now())).data
        )

    @extend_schema(request=None, responses={201: WholeVersionSerializer})
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def draft(self, request: Request, pk: str) -> Response:
        """Begin the next version, as a copy of the newest one."""
        playbook = self.get_object()
        self.body()
        version = services.start_draft(playbook, by=member_of(request))
        return Response(WholeVersionSerializer(version).data, status=201)

    @extend_schema(request=None, responses=LocalizationSerializer(many=True), filters=False)
    @action(
        detail=True,
        methods=["post"],
        url_path="adopt-localizations",
        serializer_class=StrictSerializer,
        filterset_class=None,
        pagination_class=None,
    )
    def adopt_localizations(self, request: Request, pk: str) -> Response:
        """Add what ships for markets that came after the playbook, and return what is new."""
        playbook = self.get_object()
        self.body()
        added = services.adopt_library_localizations(
            playbook, by=member_of(request), at=timezone.now()
        )
        return Response(LocalizationSerializer(added, many=True).data)

    @extend_schema(responses=EditionSerializer(many=True), filters=False)
    @action(
        detail=True,
        filter_backends=[],
        pagination_class=None,
        query_serializer_class=MarketQuerySerializer,
    )
    def editions(self, request: Request, pk: str) -> Response:
        """Return the edition in force in every market that has one, or in one market."""
        playbook = self.get_object()
        editions = services.editions_in_force(playbook, self.query().get("market"))
        return Response(EditionSerializer(editions, many=True).data)

    @extend_schema(responses=MarketStateSerializer(many=True), filters=False)
    @action(detail=True, filter_backends=[], pagination_class=None)
    def markets(self, request: Request, pk: str) -> Response:
        """Return how every market stands: its edition, how far it lags and how far it drifted."""
        states = services.market_states(self.get_object())
        return Response(MarketStateSerializer(states, many=True).data)

    @extend_schema(responses=OpenQuestionSerializer(many=True), filters=False)
    @action(
        detail=True,
        filter_backends=[],
        pagination_class=None,
        query_serializer_class=MarketQuerySerializer,
    )
    def worklist(self, request: Request, pk: str) -> Response:
        """Return the steps that rest on what a market's profile denies: localize them, or not."""
        playbook = self.get_object()
        market = self.query().get("market")
        questions = services.worklist(playbook, now=timezone.now(), market=market)
        return Response(OpenQuestionSerializer(questions, many=True).data)
