"""The API of tasks: check-ins and the steps of runs."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.db.models import Q
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.models import Account, Contact, Promise
from accounts.promises.api import PromiseSerializer
from engagement import services
from engagement.api.batches import DeedSerializer, TaskBatchSerializer
from engagement.choices import MessageHold, Outcome, Sentiment, TaskStatus
from engagement.due import Todays
from engagement.models import Task
from engagement.proposals import proposals_for
from engagement.querysets import TO_DO, TaskQuerySet
from regions.access import WorksThere, markets_of_work
from tenants.models import Membership
from tenants.permissions import Right, member_of
from toolkit.api.fields import ReferenceField
from toolkit.api.filters import BooleanFilter, DateFilter, FilterSet, IdFilter, refuse_unknown
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import ReadViewSet
from toolkit.uuid7 import uuid_or_none


class TaskSerializer(StrictModelSerializer[Task]):
    """One dated piece of work. Reads only what the view's queryset loads."""

    account_name = serializers.CharField(source="account.name", read_only=True)
    market = serializers.UUIDField(source="account.market_id", read_only=True)
    title = serializers.CharField(source="work.title", read_only=True)
    benefit = serializers.CharField(source="work.benefit", read_only=True)
    channel = serializers.CharField(source="work.channel", read_only=True)
    owner_name = serializers.CharField(source="owner.name", read_only=True, allow_null=True)

    class Meta:
        model = Task
        fields: tuple[str, ...] = (
            "id",
            "version",
            "account",
            "account_name",
            "market",
            "enrolment",
            "cadence",
            "run",
            "step",
            "title",
            "benefit",
            "channel",
            "owner",
            "owner_name",
            "nominal_date",
            "due_date",
            "due_at",
            "status",
            "moves",
            "hold",
            "needs_stand_in",
            "is_flagged",
            "closed_at",
            "closed_by",
            "outcome",
            "sentiment",
            "note",
            "reason",
        )


class NextStepSerializer(StrictSerializer):
    """What is to be done next: it becomes a task."""

    title = serializers.CharField(max_length=200)
    due_date = serializers.DateField(
        required=False, help_text=_("The next day on which the customer works unless given.")
    )


class CompletionSerializer(StrictSerializer):
    """What became of a task."""

    outcome = serializers.ChoiceField(Outcome.choices, required=False)
    sentiment = serializers.ChoiceField(Sentiment.choices, required=False)
    note = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    next_step = NextStepSerializer(required=False)

    def validate_next_step(self, value: dict[str, Any]) -> services.NextStep:
        """Return it as the service takes it."""
        return services.NextStep(**value)


class ProposedPlaybookSerializer(serializers.Serializer[Any]):
    """A playbook that may be started after this outcome."""

    playbook = serializers.UUIDField(source="playbook_id")
    playbook_key = serializers.CharField(source="playbook.key")
    name = serializers.CharField(source="header.fields.name")


class DoneTaskSerializer(TaskSerializer):
    """A task that was done, and what comes of it."""

    follow_up = serializers.UUIDField(
        source="undo.follow_up",
        default=None,
        read_only=True,
        allow_null=True,
        help_text=_("The task that the next step became."),
    )
    proposals = serializers.SerializerMethodField()

    class Meta(TaskSerializer.Meta):
        fields = (*TaskSerializer.Meta.fields, "follow_up", "proposals")

    @extend_schema_field(ProposedPlaybookSerializer(many=True))
    def get_proposals(self, task: Task) -> Any:
        """Return the playbooks that the rules propose."""
        return ProposedPlaybookSerializer(proposals_for(task), many=True).data


class NewTaskSerializer(NextStepSerializer):
    """A task by hand, for one account."""

    account = ReferenceField(queryset=Account.objects.select_related("market", "owner"))
    benefit = serializers.CharField(
        max_length=300,
        required=False,
        allow_blank=True,
        help_text=_("What the customer gains by it; without one it is internal work."),
    )
    owner = ReferenceField(
        queryset=Membership.objects.all(),
        required=False,
        help_text=_("Whoever looks after the account unless given."),
    )


class NewPromiseSerializer(StrictSerializer):
    """What the customer was promised, by when and to whom."""

    what = serializers.CharField(max_length=300)
    due_date = serializers.DateField()
    contact = ReferenceField(queryset=Contact.objects.all(), required=False, allow_null=True)


class MessageSerializer(serializers.Serializer[Any]):
    """What a step says to the customer, its blanks filled in for the contact of this account."""

    contact = serializers.UUIDField(source="contact.pk", default=None, allow_null=True)
    to = serializers.CharField(
        source="contact.email", default="", help_text=_("Empty where no address is known.")
    )
    language = serializers.CharField(
        source="message.language",
        help_text=_("BCP 47; empty: as the playbook is written."),
    )
    subject = serializers.CharField(
        source="message.subject", help_text=_("Empty: a subject of ours, with your name.")
    )
    text = serializers.CharField(source="message.text")
    missing = serializers.ListField(
        child=serializers.CharField(),
        source="message.missing",
        help_text=_("What the message says and nobody knows."),
    )
    hold = serializers.ChoiceField(
        MessageHold.choices,
        allow_null=True,
        help_text=_("What keeps a digital step from carrying itself out; null: nothing."),
    )
    sent_on = serializers.DateField(
        source="day",
        allow_null=True,
        help_text=_("The first day on which the customer may be written to."),
    )


class TestMessageSerializer(serializers.Serializer[Any]):
    """Where the test went."""

    to = serializers.EmailField(source="email")


class ReasonSerializer(StrictSerializer):
    """Why."""

    reason = serializers.CharField(max_length=500)


class MoveSerializer(ReasonSerializer):
    """To which day, and why."""

    until = serializers.DateField()


class HandOverSerializer(StrictSerializer):
    """To whom, and why."""

    to = ReferenceField(queryset=Membership.objects.all())
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class TaskFilterSet(FilterSet):
    """Filters of tasks."""

    owner = IdFilter()
    status = ChoiceFilter(choices=TaskStatus.choices)
    market = IdFilter("account__market")
    region = IdFilter("account__market__region")
    account = IdFilter()
    run = IdFilter()
    promise = IdFilter("promises__promise")
    due_from = DateFilter("due_date", "gte")
    due_to = DateFilter("due_date", "lte")
    overdue = BooleanFilter(
        method="by_overdue",
        label=_("To be done, though the local day is over on which it was due."),
    )
    needs_stand_in = BooleanFilter()

    def by_overdue(self, tasks: TaskQuerySet, _name: str, value: bool) -> TaskQuerySet:
        """Keep what is to be done though its day is over; or all the rest."""
        late = Q(status__in=TO_DO) & Todays.at(timezone.now()).late()
        return tasks.filter(late if value else ~late)


class TaskViewSet(ReadViewSet[Task]):
    """The work of CSMs, by the day on which it is due."""

    queryset = Task.objects.select_related("account__market", "cadence", "step", "owner")
    serializer_class: type[BaseSerializer[Any]] = TaskSerializer
    filterset_class = TaskFilterSet
    orderings = ("due_date", "id")
    permission_classes = [WorksThere]
    place_of = attrgetter("account.market")
    write_right = Right.WORK

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """Return the serializer of a task, or of one to be made."""
        return NewTaskSerializer if self.action == "create" else super().get_serializer_class()

    @extend_schema(request=NewTaskSerializer, responses={201: TaskSerializer})
    def create(self, request: Request) -> Response:
        """Make a task by hand: planning leaves it alone."""
        values = self.body()
        self.check_object_permissions(request, Task(account=values["account"]))
        made = services.make_task(by=member_of(request), at=timezone.now(), **values)
        return Response(TaskSerializer(made).data, status=201)

    @extend_schema(responses=DoneTaskSerializer)
    @action(detail=True, methods=["post"], serializer_class=CompletionSerializer)
    def complete(self, request: Request, pk: str) -> Response:
        """Mark a task done. A two-way contact, the default, restarts an elastic rhythm.

        A next step becomes a task of its own; playbooks are proposed by the rules for outcomes.
        """
        return self._carry_out(services.complete_task, DoneTaskSerializer)

    @extend_schema(responses={201: PromiseSerializer})
    @action(detail=True, methods=["post"], serializer_class=NewPromiseSerializer)
    def promise(self, request: Request, pk: str) -> Response:
        """Note what the customer was promised on the occasion of this task."""
        task = self.get_object()
        made = services.promise_from_task(
            task=task, by=member_of(request), at=timezone.now(), **self.body()
        )
        found = Promise.objects.for_list().get(pk=made.pk)
        return Response(PromiseSerializer(found).data, status=201)

    @extend_schema(responses=TaskSerializer)
    @action(detail=True, methods=["post"], serializer_class=MoveSerializer)
    def snooze(self, request: Request, pk: str) -> Response:
        """Move a task to another day of its market, today or later."""
        return self._carry_out(services.snooze_task)

    @extend_schema(responses=TaskSerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="not-applicable",
        serializer_class=ReasonSerializer,
    )
    def not_applicable(self, request: Request, pk: str) -> Response:
        """Close a task that does not make sense this time; the rhythm goes on."""
        return self._carry_out(services.mark_not_applicable)

    @extend_schema(responses=TaskSerializer)
    @action(
        detail=True, methods=["post"], url_path="hand-over", serializer_class=HandOverSerializer
    )
    def hand_over(self, request: Request, pk: str) -> Response:
        """Give a task to another member."""
        return self._carry_out(services.hand_over_task)

    @extend_schema(request=None, responses=TaskSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def undo(self, request: Request, pk: str) -> Response:
        """Take back the last action on a task, within ten minutes."""
        return self._carry_out(services.undo_task)

    @extend_schema(operation_id="tasks_act_together", responses=TaskBatchSerializer)
    @action(detail=False, methods=["post"], url_path="bulk", serializer_class=DeedSerializer)
    def act_together(self, request: Request) -> Response:
        """Do one thing with up to 1,000 tasks; each is answered, and all are taken back as one.

        A task that refuses leaves the others as they are. The undo is that of the batch.
        """
        values = self.body()
        kept = values.pop("filter", None)
        ids = values.pop("ids", None) or services.ids_of(self._tasks_of(kept))
        by = member_of(request)
        batch = services.act_on_tasks(
            ids=ids,
            deed=services.Deed(**values),
            by=by,
            at=timezone.now(),
            places=markets_of_work(by),
        )
        return Response(TaskBatchSerializer(batch).data)

    def get_object(self) -> Task:
        """Return the task of the path; in a write locked, its run before it.

        :raises Http404: if there is none.
        """
        pk = uuid_or_none(self.kwargs["pk"])
        if pk and self.request.method not in SAFE_METHODS:
            services.lock_runs_of([pk])
        return super().get_object()

    def _tasks_of(self, given: dict[str, str]) -> TaskQuerySet:
        """Return the tasks to do that a filter keeps, judged as in the address of the list.

        :raises ValidationError: for the first filter that cannot be taken.
        """
        parameters = QueryDict(mutable=True)
        parameters.update(given)
        refuse_unknown(parameters, set(TaskFilterSet.base_filters))
        filters = TaskFilterSet(parameters, queryset=Task.objects.to_do(), request=self.request)
        if not filters.is_valid():
            raise serializers.ValidationError({"filter": filters.errors})
        tasks: TaskQuerySet = filters.qs
        return tasks

    @extend_schema(responses=MessageSerializer)
    @action(detail=True, methods=["get"])
    def message(self, request: Request, pk: str) -> Response:
        """Show what a step says to this very customer; 404 for a task without a message."""
        return Response(MessageSerializer(self._judged()).data)

    @extend_schema(request=None, responses=TestMessageSerializer)
    @action(
        detail=True, methods=["post"], url_path="test-message", serializer_class=StrictSerializer
    )
    def test_message(self, request: Request, pk: str) -> Response:
        """Send the message of a step to whoever asks, as the customer would get it."""
        judged = self._judged()
        self.body()
        reader = member_of(request)
        services.send_test(judged, to=reader)
        return Response(TestMessageSerializer(reader).data)

    def _judged(self) -> services.Judged:
        """Return the message of the task.

        :raises Http404: if its step has none.
        """
        judged = services.message_of_task(self.get_object(), now=timezone.now())
        if judged is None:
            raise Http404
        return judged

    def _carry_out(
        self, act: Callable[..., Task], serializer: type[TaskSerializer] = TaskSerializer
    ) -> Response:
        task = self.get_object()
        values = self.body()
        done = act(task=task, by=member_of(self.request), at=timezone.now(), **values)
        return Response(serializer(done).data)
