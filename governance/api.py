"""The API of layer 1: philosophy, principles, brand voice, KPIs, guardrails."""

from operator import attrgetter
from typing import Any, TypeVar

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance import services
from governance.choices import GUARDRAIL_KINDS, MOTIONS, SEVERITIES
from governance.guardrails import KINDS, parameters_of, required_parameters
from governance.models import (
    GovernanceSettings,
    Guardrail,
    KpiDefinition,
    KpiTarget,
    Philosophy,
    Principle,
    VoiceTrait,
    VoiceVariation,
)
from regions.access import Place, WorksThere
from tenants.permissions import Right, member_of
from toolkit.api.filters import BooleanFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import CreateMixin, ReadViewSet, TenantViewSet, UpdateMixin

ModelT = TypeVar("ModelT", bound=Model)


class EverywhereViewSet(ReadViewSet[ModelT]):
    """What is the same in every market: read by all, written by who works everywhere."""

    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE

    @staticmethod
    def place_of(_row: Model) -> Place:
        """Return the whole organization."""
        return None


class PhilosophySerializer(StrictModelSerializer[Philosophy]):
    """A published text, in Markdown."""

    after = serializers.IntegerField(
        required=False,
        write_only=True,
        min_value=0,
        max_value=2_000_000_000,
        help_text=_("The number that was newest when you wrote, 0 for none; refused if it is not."),
    )

    class Meta:
        model = Philosophy
        fields = ("id", "number", "text", "published_by", "published_at", "after")


class PhilosophyViewSet(EverywhereViewSet[Philosophy], CreateMixin):
    """What customer success is for here. The highest number holds; none is ever changed."""

    queryset = Philosophy.objects.all()
    serializer_class = PhilosophySerializer
    orderings = ("number",)

    def add(self, values: dict[str, Any]) -> Philosophy:
        """Publish a text."""
        self.check_object_permissions(self.request, Philosophy())
        return services.publish_philosophy(
            text=values["text"],
            by=member_of(self.request),
            at=timezone.now(),
            after=values.get("after"),
        )


class PrincipleSerializer(StrictModelSerializer[Principle]):
    """One sentence that holds everywhere."""

    class Meta:
        model = Principle
        fields = ("id", "version", "position", "title", "text", "source", "archived_at")


class PrincipleFilterSet(FilterSet):
    """Filters of principles."""

    archived = BooleanFilter("archived_at", "isnull", exclude=True)


class PrincipleViewSet(EverywhereViewSet[Principle], CreateMixin, UpdateMixin):
    """What holds in every market; one that is given up is archived."""

    queryset = Principle.objects.all()
    serializer_class = PrincipleSerializer
    filterset_class = PrincipleFilterSet
    orderings = ("position", "title")
    store = staticmethod(services.save_principle)

    @extend_schema(request=None, responses=PrincipleSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def archive(self, request: Request, pk: str) -> Response:
        """Take a principle out of what is read."""
        principle = self.get_object()
        self.body()
        archived = services.archive_principle(principle, at=timezone.now())
        return Response(PrincipleSerializer(archived).data)

    @extend_schema(request=None, responses=PrincipleSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def restore(self, request: Request, pk: str) -> Response:
        """Bring an archived principle back."""
        principle = self.get_object()
        self.body()
        return Response(PrincipleSerializer(services.restore_principle(principle)).data)


class VoiceTraitSerializer(StrictModelSerializer[VoiceTrait]):
    """A trait of how we sound."""

    class Meta:
        model = VoiceTrait
        fields = ("id", "version", "key", "name", "description", "is_local")
        create_only_fields = ("key",)


class VoiceTraitFilterSet(FilterSet):
    """Filters of traits."""

    is_local = BooleanFilter()


class VoiceTraitViewSet(EverywhereViewSet[VoiceTrait], TenantViewSet[VoiceTrait]):
    """The brand voice, and which traits of it a market may vary."""

    queryset = VoiceTrait.objects.all()
    serializer_class = VoiceTraitSerializer
    filterset_class = VoiceTraitFilterSet
    orderings = ("name",)
    store = staticmethod(services.save_voice_trait)
    remove = staticmethod(services.remove_voice_trait)


class VoiceVariationSerializer(StrictModelSerializer[VoiceVariation]):
    """How a trait sounds in one market."""

    class Meta:
        model = VoiceVariation
        fields = ("id", "version", "trait", "market", "wording", "reason")
        create_only_fields = ("trait", "market")


class VoiceVariationFilterSet(FilterSet):
    """Filters of variations."""

    trait = IdFilter()
    market = IdFilter()


class VoiceVariationViewSet(TenantViewSet[VoiceVariation]):
    """Local variations of the brand voice, each with its reason."""

    queryset = VoiceVariation.objects.select_related("trait", "market")
    serializer_class = VoiceVariationSerializer
    filterset_class = VoiceVariationFilterSet
    permission_classes = [WorksThere]
    place_of = attrgetter("market")
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_voice_variation)
    remove = staticmethod(services.remove_voice_variation)


class KpiSerializer(StrictModelSerializer[KpiDefinition]):
    """What a figure means, and what it should be."""

    class Meta:
        model = KpiDefinition
        fields = (
            "id",
            "version",
            "key",
            "name",
            "unit",
            "direction",
            "formula",
            "source",
            "target",
            "archived_at",
        )
        create_only_fields = ("key",)


class KpiFilterSet(FilterSet):
    """Filters of KPIs."""

    key = CharFilter()
    archived = BooleanFilter("archived_at", "isnull", exclude=True)


class KpiViewSet(EverywhereViewSet[KpiDefinition], CreateMixin, UpdateMixin):
    """Definitions of KPIs; one that is watched no more is archived."""

    queryset = KpiDefinition.objects.all()
    serializer_class = KpiSerializer
    filterset_class = KpiFilterSet
    orderings = ("name", "key")
    store = staticmethod(services.save_kpi)

    @extend_schema(request=None, responses=KpiSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def archive(self, request: Request, pk: str) -> Response:
        """Stop watching a KPI; its targets stay."""
        kpi = self.get_object()
        self.body()
        return Response(KpiSerializer(services.archive_kpi(kpi, at=timezone.now())).data)

    @extend_schema(request=None, responses=KpiSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def restore(self, request: Request, pk: str) -> Response:
        """Watch an archived KPI again."""
        kpi = self.get_object()
        self.body()
        return Response(KpiSerializer(services.restore_kpi(kpi)).data)


class KpiTargetSerializer(StrictModelSerializer[KpiTarget]):
    """What a KPI should be in one market."""

    class Meta:
        model = KpiTarget
        fields = ("id", "version", "kpi", "market", "value", "reason")
        create_only_fields = ("kpi", "market")


class KpiTargetFilterSet(FilterSet):
    """Filters of targets."""

    kpi = IdFilter()
    market = IdFilter()


class KpiTargetViewSet(TenantViewSet[KpiTarget]):
    """Targets of single markets, each with its reason."""

    queryset = KpiTarget.objects.select_related("kpi", "market")
    serializer_class = KpiTargetSerializer
    filterset_class = KpiTargetFilterSet
    permission_classes = [WorksThere]
    place_of = attrgetter("market")
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_kpi_target)
    remove = staticmethod(services.remove_kpi_target)


@extend_schema_field({"type": "object", "additionalProperties": True})
class ParametersField(serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """The parameters of a guardrail by name; its kind reads them."""

    default_error_messages = {"invalid": _("Give the parameters by name.")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the parameters."""
        if not isinstance(data, dict):
            self.fail("invalid")
        return data

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters."""
        return value


def _parameters_of_kinds() -> str:
    """Return which parameters each kind takes, those in brackets if one likes."""
    kinds = []
    for kind in KINDS:
        needed = required_parameters(kind)
        names = [name if name in needed else f"[{name}]" for name in parameters_of(kind)]
        kinds.append(f"{kind}: {', '.join(names) or '-'}")
    return "; ".join(kinds)


class GuardrailSerializer(StrictModelSerializer[Guardrail]):
    """A rule that playbooks may not break."""

    parameters = ParametersField(
        required=False, help_text=f"What the kind needs. {_parameters_of_kinds()}."
    )

    class Meta:
        model = Guardrail
        fields = (
            "id",
            "version",
            "name",
            "kind",
            "parameters",
            "severity",
            "motion",
            "playbook_key",
            "protects",
            "is_active",
        )
        extra_kwargs = {"is_active": {"default": True}}


class GuardrailFilterSet(FilterSet):
    """Filters of guardrails."""

    kind = ChoiceFilter(choices=GUARDRAIL_KINDS)
    severity = ChoiceFilter(choices=SEVERITIES)
    motion = ChoiceFilter(choices=MOTIONS)
    playbook_key = CharFilter()
    is_active = BooleanFilter()


class AdoptedSerializer(serializers.Serializer[Any]):
    """What of the shipped set was added; nothing where all was there."""

    philosophy = PhilosophySerializer(allow_null=True)
    principles = PrincipleSerializer(many=True)
    voice_traits = VoiceTraitSerializer(many=True)
    kpis = KpiSerializer(many=True)
    guardrails = GuardrailSerializer(many=True)


class GuardrailViewSet(EverywhereViewSet[Guardrail], TenantViewSet[Guardrail]):
    """What no market may break: for all playbooks, those of a motion, or one."""

    queryset = Guardrail.objects.all()
    serializer_class = GuardrailSerializer
    filterset_class = GuardrailFilterSet
    orderings = ("name",)
    store = staticmethod(services.save_guardrail)
    remove = staticmethod(services.remove_guardrail)

    @extend_schema(request=None, responses=AdoptedSerializer)
    @action(detail=False, methods=["post"], serializer_class=StrictSerializer)
    def adopt(self, request: Request) -> Response:
        """Add what is missing of the shipped philosophy, principles, voice, KPIs and guardrails.

        What is there, by its key or name, stays as it is. Returns what was added.
        """
        self.check_object_permissions(request, Guardrail())
        self.body()
        added = services.adopt_starting_set(by=member_of(request), at=timezone.now())
        return Response(AdoptedSerializer(added).data)


class GovernanceSettingsSerializer(StrictModelSerializer[GovernanceSettings]):
    """How playbooks are approved, and whether figures about single employees are shown."""

    class Meta:
        model = GovernanceSettings
        fields = ("id", "version", "second_person_approves", "figures_about_people")
        extra_kwargs = {
            "second_person_approves": {"required": True},
            "figures_about_people": {"default": False},
        }


class GovernanceSettingsViewSet(EverywhereViewSet[GovernanceSettings], CreateMixin, UpdateMixin):
    """What the organization chose for itself: one row at most.

    Without one, whoever may edit playbooks approves them, and figures about single employees are
    off.
    """

    queryset = GovernanceSettings.objects.all()
    serializer_class = GovernanceSettingsSerializer
    store = staticmethod(services.save_settings)
