"""The API of the market library, which all organizations share and nobody changes."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from regions.library import UnknownLibraryMarket, library_market, load_library
from toolkit.api.views import StrictViewSet


class SourceSerializer(serializers.Serializer[Any]):
    """Where a report comes from."""

    title = serializers.CharField()
    author = serializers.CharField(allow_null=True)
    practitioner = serializers.CharField(allow_null=True)
    employer = serializers.CharField(allow_null=True)
    reported_year = serializers.IntegerField(allow_null=True)
    note = serializers.CharField()


class LibraryStatementSerializer(serializers.Serializer[Any]):
    """One report about a market."""

    dimension = serializers.CharField()
    side = serializers.CharField(allow_null=True)
    scope = serializers.CharField()
    text = serializers.CharField()
    note = serializers.CharField()
    source = SourceSerializer()  # type: ignore[assignment]


class LibraryPhraseSerializer(serializers.Serializer[Any]):
    """What a phrase may mean."""

    language = serializers.CharField()
    phrase = serializers.CharField()
    meaning = serializers.CharField()
    urgency = serializers.CharField()
    source = SourceSerializer()  # type: ignore[assignment]


class LibraryWeekSerializer(serializers.Serializer[Any]):
    """The weekdays worked from a day on."""

    holds_from = serializers.DateField()
    weekdays = serializers.ListField(child=serializers.IntegerField())
    source = serializers.CharField()  # type: ignore[assignment]
    note = serializers.CharField()


class LibrarySpanSerializer(serializers.Serializer[Any]):
    """Days from a first to a last."""

    name = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]
    note = serializers.CharField()


class LibrarySeasonSerializer(LibrarySpanSerializer):
    """Days with business hours of their own."""

    estimated = serializers.BooleanField()


class LibraryQuietPeriodSerializer(LibrarySpanSerializer):
    """Days on which we suggest not to contact customers."""

    policy = serializers.CharField()


class LibraryResponseSerializer(serializers.Serializer[Any]):
    """How soon an answer is expected, and when silence means something."""

    reply_within_hours = serializers.IntegerField(allow_null=True)
    gone_dark_after_days = serializers.IntegerField(allow_null=True)
    note = serializers.CharField()
    source = SourceSerializer()  # type: ignore[assignment]


class LibraryMarketSerializer(serializers.Serializer[Any]):
    """A market of the library, at a glance."""

    code = serializers.CharField()
    name = serializers.CharField()
    country = serializers.CharField()
    subdivision = serializers.CharField(allow_null=True)
    region = serializers.CharField()
    time_zone = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    currency = serializers.CharField()
    confirmed_through = serializers.DateField(allow_null=True)
    holidays_note = serializers.CharField()


class LibraryMarketDetailSerializer(LibraryMarketSerializer):
    """A market of the library, with all that is known of it."""

    working_weeks = LibraryWeekSerializer(many=True)
    seasons = LibrarySeasonSerializer(many=True)
    quiet_periods = LibraryQuietPeriodSerializer(many=True)
    response = LibraryResponseSerializer(allow_null=True)
    statements = LibraryStatementSerializer(many=True)
    phrases = LibraryPhraseSerializer(many=True)


class LibraryMarketViewSet(StrictViewSet, viewsets.ViewSet):
    """The markets that can be adopted; few, so they come on one page."""

    lookup_field = "code"

    @extend_schema(responses=LibraryMarketSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Return all markets of the library, by code."""
        markets = sorted(load_library().values(), key=lambda market: market.code)
        return Response(LibraryMarketSerializer(markets, many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("code", str, OpenApiParameter.PATH)],
        responses=LibraryMarketDetailSerializer,
    )
    def retrieve(self, request: Request, code: str) -> Response:
        """Return one market with all that is known of it."""
        try:
            market = library_market(code)
        except UnknownLibraryMarket as error:
            raise Http404 from error
        return Response(LibraryMarketDetailSerializer(market).data)
