"""The API of timelines: what happened with one account."""

from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import api as accounts
from engagement.choices import TimelineKind
from engagement.timeline import PAGE_SIZE, Place, UnknownPlace, timeline_of
from engagement.timeline_words import Happening
from toolkit.api.paging import LARGEST_PAGE
from toolkit.api.serializers import StrictSerializer


class TimelineQuerySerializer(StrictSerializer):
    """Which entries, and from where on."""

    kind = serializers.ChoiceField(TimelineKind.choices, required=False)
    day_from = serializers.DateField(
        required=False, help_text=gettext_lazy("The first day, where the customer is.")
    )
    day_to = serializers.DateField(
        required=False, help_text=gettext_lazy("The last day, where the customer is.")
    )
    cursor = serializers.CharField(
        required=False, help_text=gettext_lazy("Where the page starts; from `next`.")
    )
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_PAGE, default=PAGE_SIZE
    )

    def validate_cursor(self, value: str) -> Place:
        """Return the place that it names."""
        try:
            return Place.read(value)
        except UnknownPlace as error:
            raise ValidationError(_("This cursor is not one of ours.")) from error


class TimelineEntrySerializer(serializers.Serializer[Any]):
    """Something that happened with an account."""

    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(TimelineKind.choices)
    what = serializers.ChoiceField([each.value for each in Happening])
    text = serializers.CharField(help_text=gettext_lazy("What happened, in one sentence."))
    by = serializers.CharField(
        allow_blank=True, help_text=gettext_lazy("Who did it; empty where nobody is known.")
    )
    outcome = serializers.CharField(
        allow_blank=True,
        help_text=gettext_lazy("What became of it, if that was said, or what was agreed."),
    )
    said = serializers.CharField(
        allow_blank=True, help_text=gettext_lazy("The note or the reason that a person wrote.")
    )
    run = serializers.UUIDField(allow_null=True)


class TimelinePageSerializer(serializers.Serializer[Any]):
    """One page of a timeline."""

    next = serializers.URLField(allow_null=True)
    results = TimelineEntrySerializer(many=True)


class AccountViewSet(accounts.AccountViewSet):
    """Customer companies, by name; one that leaves is archived."""

    @extend_schema(
        parameters=[TimelineQuerySerializer], responses=TimelinePageSerializer, filters=False
    )
    @action(
        detail=True,
        filter_backends=[],
        pagination_class=None,
        query_serializer_class=TimelineQuerySerializer,
    )
    def timeline(self, request: Request, pk: str) -> Response:
        """Tell what happened with an account, the newest first: work, playbooks, promises,
        meetings, agreements and the account itself.
        """
        asked = self.query()
        page = timeline_of(
            self.get_object(),
            now=timezone.now(),
            kinds=[asked["kind"]] if "kind" in asked else (),
            first=asked.get("day_from"),
            last=asked.get("day_to"),
            after=asked.get("cursor"),
            size=asked["page_size"],
        )
        following = None
        if page.after:
            parameters = request.query_params.dict() | {"cursor": page.after}
            following = request.build_absolute_uri(f"{request.path}?{urlencode(parameters)}")
        return Response(TimelinePageSerializer({"next": following, "results": page.entries}).data)
