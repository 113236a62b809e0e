"""The API of promises."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.utils import timezone
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import promises
from accounts.choices import PromiseStatus
from accounts.models import Promise, PromiseChange
from regions.access import WorksThere
from tenants.permissions import Right, member_of
from toolkit.api.filters import DateFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import CreateMixin, ReadViewSet, UpdateMixin


class PromiseChangeSerializer(StrictModelSerializer[PromiseChange]):
    """From which day a promise was moved to which, and why."""

    class Meta:
        model = PromiseChange
        fields = ("old_date", "new_date", "reason", "changed_at", "changed_by")


class PromiseSerializer(StrictModelSerializer[Promise]):
    """What a customer was promised. Reads only what ``PromiseQuerySet.for_list`` loads.

    The owner is whoever looks after the account unless given. The day changes by
    ``renegotiate`` alone, so that it keeps its history.
    """

    account_name = serializers.CharField(source="account.name", read_only=True)
    market = serializers.UUIDField(source="account.market_id", read_only=True)
    owner_name = serializers.CharField(source="owner.name", read_only=True)
    changes = PromiseChangeSerializer(many=True, read_only=True)

    class Meta:
        model = Promise
        fields = (
            "id",
            "version",
            "account",
            "account_name",
            "market",
            "contact",
            "what",
            "due_date",
            "owner",
            "owner_name",
            "status",
            "made_at",
            "made_by",
            "settled_at",
            "settled_by",
            "reason",
            "changes",
        )
        read_only_fields = ("reason",)
        create_only_fields = ("account", "due_date")
        extra_kwargs = {"owner": {"required": False}}


class BreakSerializer(StrictSerializer):
    """What kept us from keeping it."""

    reason = serializers.CharField(max_length=500)


class RenegotiationSerializer(BreakSerializer):
    """For which day it is promised now, and why."""

    due_date = serializers.DateField()


class PromiseFilterSet(FilterSet):
    """Filters of promises."""

    account = IdFilter()
    owner = IdFilter()
    contact = IdFilter()
    status = ChoiceFilter(choices=PromiseStatus.choices)
    market = IdFilter("account__market")
    region = IdFilter("account__market__region")
    due_from = DateFilter("due_date", "gte")
    due_to = DateFilter("due_date", "lte")


class PromiseViewSet(ReadViewSet[Promise], CreateMixin, UpdateMixin):
    """What customers were promised, by the day by which it is owed; shown until settled."""

    queryset = Promise.objects.for_list()
    serializer_class = PromiseSerializer
    filterset_class = PromiseFilterSet
    orderings = ("due_date", "id")
    permission_classes = [WorksThere]
    place_of = attrgetter("account.market")
    write_right = Right.WORK

    @staticmethod
    def store(promise: Promise) -> Promise:
        """Save it; a new one is for today where the customer is, or later."""
        return promises.save_promise(promise, at=timezone.now())

    def add(self, values: dict[str, Any]) -> Promise:
        """Hand a new promise to the service, made by who asks."""
        maker = member_of(self.request)
        owner = values.pop("owner", None) or values["account"].owner or maker
        return self.change(Promise(made_by=maker, owner=owner), values)

    @extend_schema(request=None, responses=PromiseSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def keep(self, request: Request, pk: str) -> Response:
        """Mark a promise as kept."""
        return self._carry_out(promises.keep_promise, by=member_of(request))

    @extend_schema(responses=PromiseSerializer)
    @action(detail=True, methods=["post"], url_path="break", serializer_class=BreakSerializer)
    def break_it(self, request: Request, pk: str) -> Response:
        """Mark a promise as broken, with the reason."""
        return self._carry_out(promises.break_promise, by=member_of(request))

    @extend_schema(responses=PromiseSerializer)
    @action(detail=True, methods=["post"], serializer_class=RenegotiationSerializer)
    def renegotiate(self, request: Request, pk: str) -> Response:
        """Give a promise another day, agreed with the customer; it stays open."""
        return self._carry_out(promises.renegotiate_promise, by=member_of(request))

    @extend_schema(request=None, responses=PromiseSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def reopen(self, request: Request, pk: str) -> Response:
        """Take back that a promise was kept or broken, within ten minutes."""
        return self._carry_out(promises.reopen_promise)

    def _carry_out(self, act: Callable[..., Promise], **known: Any) -> Response:
        promise = self.get_object()
        values = self.body()
        return Response(PromiseSerializer(act(promise, at=timezone.now(), **known, **values)).data)
