"""The API of what is reported of a market: hints for people."""

from django.utils import timezone
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from regions import services
from regions.api.parts import PartFilterSet, PartSerializer, PartViewSet
from regions.choices import DIMENSIONS
from regions.models import CulturalStatement, Phrase
from tenants.permissions import member_of
from toolkit.api.filters import BooleanFilter
from toolkit.api.serializers import StrictSerializer

SOURCE_FIELDS = ("source_title", "practitioner", "reported_year", "source_note")


class CulturalStatementSerializer(PartSerializer[CulturalStatement]):
    """One report, with its source and who of the local team confirmed it."""

    class Meta(PartSerializer.Meta):
        model = CulturalStatement
        fields = (
            *PartSerializer.Meta.fields,
            "dimension",
            "side",
            "scope",
            "text",
            "note",
            *SOURCE_FIELDS,
            "confirmed_by",
            "confirmed_at",
            "withdrawn_at",
            "created_at",
        )
        read_only_fields = ("confirmed_by",)


class CulturalStatementFilterSet(PartFilterSet):
    """Filters of cultural statements."""

    dimension = ChoiceFilter(choices=DIMENSIONS)
    withdrawn = BooleanFilter("withdrawn_at", "isnull", exclude=True)


class CulturalStatementViewSet(PartViewSet[CulturalStatement]):
    """The cultural profile of markets, statement by statement."""

    queryset = CulturalStatement.objects.select_related("market")
    serializer_class = CulturalStatementSerializer
    filterset_class = CulturalStatementFilterSet

    @extend_schema(request=None, responses=CulturalStatementSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def confirm(self, request: Request, pk: str) -> Response:
        """Note that the local team confirms a statement; it is asked again after a year."""
        statement = self.get_object()
        self.body()
        statement = services.confirm_statement(statement, by=member_of(request), at=timezone.now())
        return Response(CulturalStatementSerializer(statement).data)

    @extend_schema(request=None, responses=CulturalStatementSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def withdraw(self, request: Request, pk: str) -> Response:
        """Stop showing a statement that the local team does not share."""
        statement = self.get_object()
        self.body()
        statement = services.withdraw_statement(statement, at=timezone.now())
        return Response(CulturalStatementSerializer(statement).data)


class PhraseSerializer(PartSerializer[Phrase]):
    """What a phrase may mean, and how urgent it is."""

    class Meta(PartSerializer.Meta):
        model = Phrase
        fields = (
            *PartSerializer.Meta.fields,
            "language",
            "phrase",
            "meaning",
            "urgency",
            *SOURCE_FIELDS,
        )


class PhraseViewSet(PartViewSet[Phrase]):
    """The phrasebook of markets."""

    queryset = Phrase.objects.select_related("market")
    serializer_class = PhraseSerializer
