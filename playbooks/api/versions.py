"""The API of versions: written as drafts, submitted, published, compared."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from governance.findings import errors
from playbooks import services
from playbooks.api.editions import EditionSerializer
from playbooks.api.parts import (
    EverywhereViewSet,
    FindingSerializer,
    StepDifferenceSerializer,
    difference_record,
)
from playbooks.api.steps import StepsField
from playbooks.choices import VersionStatus
from playbooks.comparison import compare
from playbooks.documents import header_of, version_steps
from playbooks.models import PlaybookVersion
from playbooks.wording import finding_record
from tenants.permissions import member_of
from toolkit.api.fields import ReferenceField
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer


class PlaybookVersionSerializer(StrictModelSerializer[PlaybookVersion]):
    """A version of a playbook, without its steps."""

    playbook_key = serializers.CharField(source="playbook.key", read_only=True)

    class Meta:
        model = PlaybookVersion
        fields: tuple[str, ...] = (
            "id",
            "version",
            "playbook",
            "playbook_key",
            "number",
            "status",
            "name",
            "goal",
            "tiers",
            "stages",
            "complexities",
            "change_note",
            "created_by",
            "created_at",
            "submitted_by",
            "submitted_at",
            "decided_by",
            "decision_comment",
            "published_at",
            "retired_at",
        )
        read_only_fields = ("playbook", "created_by", "submitted_by", "decided_by")


class WholeVersionSerializer(PlaybookVersionSerializer):
    """A version of a playbook with all its steps; those that are sent replace all there are."""

    steps = StepsField(required=False)

    class Meta(PlaybookVersionSerializer.Meta):
        fields = (*PlaybookVersionSerializer.Meta.fields, "steps")


class PublishedVersionSerializer(WholeVersionSerializer):
    """A published version, with the editions that followed at once."""

    editions = EditionSerializer(many=True, read_only=True)

    class Meta(WholeVersionSerializer.Meta):
        fields = (*WholeVersionSerializer.Meta.fields, "editions")


class VersionCheckSerializer(serializers.Serializer[Any]):
    """All that is wrong with a version, by itself and in the markets that follow it."""

    publishable = serializers.BooleanField(help_text=_("Whether nothing of it is an error."))
    findings = FindingSerializer(many=True)


class RejectionSerializer(StrictSerializer):
    """What is to be changed."""

    comment = serializers.CharField(max_length=20_000, help_text=_("The author reads it."))


class VersionsQuerySerializer(StrictSerializer):
    """Two versions."""

    left = ReferenceField(queryset=PlaybookVersion.objects.all())
    right = ReferenceField(queryset=PlaybookVersion.objects.all())


class PlaybookVersionFilterSet(FilterSet):
    """Filters of versions."""

    playbook = IdFilter()
    status = ChoiceFilter(choices=VersionStatus.choices)


class PlaybookVersionViewSet(
    EverywhereViewSet[PlaybookVersion], mixins.UpdateModelMixin, mixins.DestroyModelMixin
):
    """Versions of playbooks. Only a draft is changed or, by deleting it, discarded."""

    queryset = PlaybookVersion.objects.select_related("playbook")
    serializer_class: type[BaseSerializer[PlaybookVersion]] = WholeVersionSerializer
    filterset_class = PlaybookVersionFilterSet
    remove = staticmethod(services.discard_draft)

    def get_queryset(self) -> QuerySet[PlaybookVersion]:
        """Return versions; lists leave the steps out."""
        versions = super().get_queryset()
        return versions if self.action == "list" else versions.prefetch_related("steps")

    def get_serializer_class(self) -> type[BaseSerializer[PlaybookVersion]]:
        """Return the serializer; lists leave the steps out."""
        return (
            PlaybookVersionSerializer if self.action == "list" else super().get_serializer_class()
        )

    @staticmethod
    def store(version: PlaybookVersion) -> PlaybookVersion:
        """Save a draft as it is; ``change`` saves its steps as well."""
        return services.save_version(version)

    def change(self, instance: PlaybookVersion, values: dict[str, Any]) -> PlaybookVersion:
        """Save a changed draft, and its steps if they were sent."""
        fields = {name: value for name, value in values.items() if name != "steps"}
        for name, value in fields.items():
            setattr(instance, name, value)
        self.check_object_permissions(self.request, instance)
        return services.save_version(instance, steps=values.get("steps"))

    @extend_schema(request=None, responses=VersionCheckSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def check(self, request: Request, pk: str) -> Response:
        """Tell all that is wrong with a version, and change nothing."""
        version = self.get_object()
        self.body()
        found = services.check_version(version, at=timezone.now())
        answer = {"publishable": not errors(found), "findings": map(finding_record, found)}
        return Response(VersionCheckSerializer(answer).data)

    @extend_schema(request=None, responses=WholeVersionSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def submit(self, request: Request, pk: str) -> Response:
        """Hand a draft in for review."""
        version = self.get_object()
        self.body()
        version = services.submit_version(version, by=member_of(request), at=timezone.now())
        return Response(WholeVersionSerializer(version).data)

    @extend_schema(request=None, responses=PublishedVersionSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def publish(self, request: Request, pk: str) -> Response:
        """Publish a draft, or approve what was submitted.

        Markets without a localization get their editions; localized ones lag until they are
        rebased. What breaks a rule is refused with all `findings` at once.
        """
        version = self.get_object()
        self.body()
        editions = services.publish_version(version, by=member_of(request), at=timezone.now())
        answer = WholeVersionSerializer(version).data
        return Response(answer | {"editions": EditionSerializer(editions, many=True).data})

    @extend_schema(responses=WholeVersionSerializer)
    @action(detail=True, methods=["post"], serializer_class=RejectionSerializer)
    def reject(self, request: Request, pk: str) -> Response:
        """Send a version that was submitted back to its author."""
        version = self.get_object()
        comment = self.body()["comment"]
        version = services.reject_version(version, by=member_of(request), comment=comment)
        return Response(WholeVersionSerializer(version).data)

    @extend_schema(request=None, responses=WholeVersionSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def retire(self, request: Request, pk: str) -> Response:
        """Take a published version out of use; what runs goes on."""
        version = self.get_object()
        self.body()
        version = services.retire_version(version, at=timezone.now())
        return Response(WholeVersionSerializer(version).data)

    @extend_schema(responses=StepDifferenceSerializer(many=True), filters=False)
    @action(
        detail=False,
        filter_backends=[],
        pagination_class=None,
        query_serializer_class=VersionsQuerySerializer,
    )
    def compare(self, request: Request) -> Response:
        """Return two versions side by side, step by step, those that are the same included."""
        query = self.query()
        left, right = (
            (header_of(version), *version_steps(version))
            for version in (query["left"], query["right"])
        )
        differences = map(difference_record, compare(left, right))
        return Response(StepDifferenceSerializer(differences, many=True).data)
