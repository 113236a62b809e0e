"""The API of load: who has how much to do, by day and for the quarter to come."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.load import MOST_WEEKS, QUARTER_WEEKS
from engagement.team_load import read_team_load, sight_of, today_of
from tenants.permissions import member_of
from toolkit.api.serializers import StrictSerializer
from toolkit.api.views import StrictViewSet
from toolkit.errors import InvalidInput

FURTHEST = dt.timedelta(days=366)


class TeamLoadQuerySerializer(StrictSerializer):
    """Of which markets, and from when on."""

    region = serializers.UUIDField(required=False)
    market = serializers.UUIDField(required=False)
    weeks = serializers.IntegerField(
        min_value=1,
        max_value=MOST_WEEKS,
        default=QUARTER_WEEKS,
        help_text=_("How many weeks of seven days; a quarter unless you say so."),
    )

    def get_fields(self) -> dict[str, Any]:
        """Add the parameter whose name Python keeps for itself."""
        first = serializers.DateField(
            required=False,
            help_text=_("Where the first week begins: today where you live, or up to a year on."),
        )
        return {**super().get_fields(), "from": first}


class SpanSerializer(serializers.Serializer[Any]):
    """The work of a day or of a week."""

    start = serializers.DateField()
    days = serializers.IntegerField()
    tasks = serializers.IntegerField(help_text=_("Planned: open, moved by hand, or waiting."))
    expected = serializers.IntegerField(help_text=_("Check-ins that the rhythms will bring."))
    minutes = serializers.IntegerField(help_text=_("Of both."))
    capacity = serializers.IntegerField(
        allow_null=True, help_text=_("Minutes that fit; null where nobody knows.")
    )
    is_over = serializers.BooleanField(help_text=_("Whether there is more to do than fits."))


class _LoadSerializer(serializers.Serializer[Any]):
    """What is late, and what comes."""

    overdue = serializers.IntegerField(help_text=_("Late tasks; they are in no day and week."))
    overdue_minutes = serializers.IntegerField()
    days = SpanSerializer(source="outlook.days", many=True, help_text=_("The first seven."))
    weeks = SpanSerializer(source="outlook.weeks", many=True)


class PersonLoadSerializer(_LoadSerializer):
    """What one person has to do; no member: what nobody owns."""

    member = serializers.UUIDField(source="subject.pk", default=None, allow_null=True)
    name = serializers.CharField(source="subject.name", default=None, allow_null=True)


class MarketLoadSerializer(_LoadSerializer):
    """What the accounts of a market ask for, whoever does it."""

    market = serializers.UUIDField(source="subject.pk")
    name = serializers.CharField(source="subject.name")
    region = serializers.UUIDField(source="subject.region_id")


class RegionLoadSerializer(_LoadSerializer):
    """What the accounts of a region ask for, whoever does it."""

    region = serializers.UUIDField(source="subject.pk")
    name = serializers.CharField(source="subject.name")


@extend_schema_serializer(many=False)
class TeamLoadSerializer(serializers.Serializer[Any]):
    """The load of a team from a day on."""

    people = PersonLoadSerializer(
        many=True,
        allow_null=True,
        help_text=_("Null unless the organization shows figures about single employees."),
    )
    regions = RegionLoadSerializer(
        many=True, allow_null=True, help_text=_("Null for who sees her own figures only.")
    )
    markets = MarketLoadSerializer(
        many=True, allow_null=True, help_text=_("Null for who sees her own figures only.")
    )

    def get_fields(self) -> dict[str, Any]:
        """Add the day whose name Python keeps for itself."""
        return {"from": serializers.DateField(source="first"), **super().get_fields()}


class TeamLoadViewSet(StrictViewSet, viewsets.ViewSet):
    """Who has how much to do, and how much fits."""

    query_serializer_class = TeamLoadQuerySerializer
    pagination_class = None

    @extend_schema(responses=TeamLoadSerializer)
    def list(self, request: Request) -> Response:
        """Return the load by person and by market, as far as it is for you to see.

        A CSM sees herself. Who leads sees the markets in which she works, and their people if the
        organization shows figures about single employees; analysts see markets.
        """
        query, now = self.query(), timezone.now()
        member = member_of(request)
        load = read_team_load(
            sight=sight_of(member),
            now=now,
            first=_first(query.get("from"), today_of(member.pk, now)),
            weeks=query["weeks"],
            region=query.get("region"),
            market=query.get("market"),
        )
        return Response(TeamLoadSerializer(load).data)


def _first(wanted: dt.date | None, today: dt.date) -> dt.date:
    """Return the first day.

    :raises InvalidInput: for one that is past, or more than a year away.
    """
    if wanted is not None and not today <= wanted <= today + FURTHEST:
        raise InvalidInput({"from": _t("Give today, or a day within a year from it.")})
    return wanted or today
