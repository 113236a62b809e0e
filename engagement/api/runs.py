"""The API of runs: started, followed, held and ended."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.models import Account
from engagement import services
from engagement.api.moving import (
    AccountsSerializer,
    AnchorsSerializer,
    MovingViewSet,
    RunMoveSerializer,
    accounts_of,
    read_anchors,
)
from engagement.api.tasks import ReasonSerializer, TaskSerializer
from engagement.choices import Progress, RunStatus
from engagement.models import Run, Task
from engagement.paces import paced
from engagement.run_plan import LeftOut
from engagement.services import Refusal, Refused, say_refusal
from engagement.standing import left_out_of, prepare_standings, standing_of, tasks_of
from playbooks.models import Playbook
from playbooks.schedule import Anchor
from regions.access import WorksThere, works_there
from tenants.permissions import Right, member_of
from toolkit.api.fields import ReferenceField, StrictBooleanField
from toolkit.api.filters import BooleanFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer

LEFT_OUT_REASONS = [(reason.value, reason.value) for reason in LeftOut]
REFUSALS = [(refusal.value, refusal.value) for refusal in Refusal]
MOST_EXAMPLES = 5
"""How many accounts an answer names for each reason of refusal."""


class RunProgressSerializer(serializers.Serializer[Any]):
    """How a run goes."""

    pace = serializers.ChoiceField(
        Progress.choices,
        source="progress",
        allow_null=True,
        help_text=_(
            "Null unless it is under way. Behind: a task is overdue. Stuck: a task is overdue and "
            "nothing was closed for 10 working days, or all that is left waits."
        ),
    )
    settled = serializers.IntegerField(help_text=_("Tasks that are closed or cancelled."))
    tasks = serializers.IntegerField(help_text=_("Tasks in all."))
    next_task = serializers.UUIDField(
        source="next_task.pk",
        default=None,
        allow_null=True,
        help_text=_("What is to be done first, else what waits for the nearest day."),
    )

    def to_representation(self, instance: Run) -> dict[str, Any]:
        """Return where a run stands now."""
        return super().to_representation(standing_of(instance, now=timezone.now()))


class RunSerializer(StrictModelSerializer[Run]):
    """An edition on its way for an account. Reads only what ``RunQuerySet.for_list`` loads."""

    account_name = serializers.CharField(source="account.name", read_only=True)
    market = serializers.UUIDField(
        source="market_id", read_only=True, help_text=_("By whose calendar its tasks fall due.")
    )
    playbook_key = serializers.CharField(source="playbook.key", read_only=True)
    name = serializers.CharField(
        read_only=True, help_text=_("What the playbook is called in this edition.")
    )
    newer_edition = serializers.UUIDField(
        source="newer_edition_id",
        read_only=True,
        allow_null=True,
        help_text=_("Another edition that is in force where the account is: it may move there."),
    )
    progress = RunProgressSerializer(source="*", read_only=True)

    class Meta:
        model = Run
        fields: tuple[str, ...] = (
            "id",
            "version",
            "account",
            "account_name",
            "market",
            "playbook",
            "playbook_key",
            "edition",
            "newer_edition",
            "name",
            "status",
            "progress",
            "cause",
            "start_date",
            "anchors",
            "started_by",
            "started_at",
            "paused_on",
            "ended_at",
            "reason",
        )


class StepLeftOutSerializer(serializers.Serializer[Any]):
    """A step that became no task, and why."""

    step = serializers.CharField()
    title = serializers.CharField()
    reason = serializers.ChoiceField(LEFT_OUT_REASONS)
    detail = serializers.CharField(
        help_text=_("The condition, the day, the quiet period or the other step.")
    )
    text = serializers.CharField(help_text=_("Why, in one sentence."))


class WholeRunSerializer(RunSerializer):
    """A run with its tasks in the order of the steps, and the steps that became none."""

    tasks = serializers.SerializerMethodField()
    left_out = serializers.SerializerMethodField()
    moves = RunMoveSerializer(
        many=True, read_only=True, help_text=_("What moved in it so far, the latest first.")
    )

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "tasks", "left_out", "moves")

    @extend_schema_field(TaskSerializer(many=True))
    def get_tasks(self, run: Run) -> Any:
        """Return the tasks."""
        return TaskSerializer(tasks_of(run), many=True).data

    @extend_schema_field(StepLeftOutSerializer(many=True))
    def get_left_out(self, run: Run) -> Any:
        """Return the steps without a task."""
        return StepLeftOutSerializer(left_out_of(run), many=True).data


class StartSerializer(StrictSerializer):
    """When a run starts, and what its steps count from."""

    playbook = ReferenceField(queryset=Playbook.objects.all())
    start = serializers.DateField(
        required=False, help_text=_("The local day of the start; today's there unless given.")
    )
    anchors = AnchorsSerializer(required=False)

    def validate_anchors(self, value: dict[str, Any]) -> dict[Anchor, Any]:
        """Return the days by the events that they are of."""
        return read_anchors(value)


class NewRunSerializer(StartSerializer):
    """A playbook for one account."""

    account = ReferenceField(queryset=Account.objects.select_related("market"))


class EscalationSerializer(StrictSerializer):
    """The account in trouble."""

    account = ReferenceField(queryset=Account.objects.select_related("market"))


class LaunchSerializer(StartSerializer):
    """A playbook for all accounts of a filter."""

    filter = AccountsSerializer()
    dry_run = StrictBooleanField(
        default=False, help_text=_("Tell what would start, and start nothing.")
    )


class RefusedAccountSerializer(serializers.Serializer[Any]):
    """An account for which nothing starts, and why."""

    account = serializers.UUIDField(source="account_id")
    detail = serializers.CharField(help_text=_("The anchors, condition or steps concerned."))
    text = serializers.CharField(source="said", help_text=_("Why, in one sentence."))


class RefusedAccountsSerializer(serializers.Serializer[Any]):
    """How many accounts are refused for one reason, with some of them."""

    reason = serializers.ChoiceField(REFUSALS)
    accounts = serializers.IntegerField()
    examples = RefusedAccountSerializer(many=True)


class LaunchedSerializer(serializers.Serializer[Any]):
    """What a launch came to, or would come to."""

    dry_run = serializers.BooleanField()
    runs = serializers.IntegerField(help_text=_("How many start."))
    tasks = serializers.IntegerField()
    refused = RefusedAccountsSerializer(many=True)


class RunFilterSet(FilterSet):
    """Filters of runs."""

    account = IdFilter()
    playbook = IdFilter()
    status = ChoiceFilter(choices=RunStatus.choices)
    pace = ChoiceFilter(
        choices=Progress.choices,
        method="by_pace",
        label=_("How it goes; only runs that are under way and not paused have one."),
    )
    market = IdFilter("account__market")
    region = IdFilter("account__market__region")
    newer_edition = BooleanFilter(
        method="keep_left_behind",
        label=_("True: those that may move to another edition; false: the others."),
    )

    def by_pace(self, runs: QuerySet[Run], _name: str, value: str) -> QuerySet[Run]:
        """Keep the runs that go so."""
        return paced(runs, now=timezone.now()).filter(pace=value)

    def keep_left_behind(self, runs: Any, _name: str, value: bool) -> Any:
        """Keep the runs for which another edition is in force, or the others."""
        left_behind = Run.objects.left_behind().values("pk")
        return runs.filter(pk__in=left_behind) if value else runs.exclude(pk__in=left_behind)


class RunViewSet(MovingViewSet):
    """Playbooks on their way for accounts, the newest first."""

    queryset = Run.objects.for_list()
    serializer_class: type[BaseSerializer[Any]] = RunSerializer
    filterset_class = RunFilterSet
    orderings = ("-id",)
    permission_classes = [WorksThere]
    place_of = attrgetter("account.market")
    write_right = Right.WORK

    def get_queryset(self) -> QuerySet[Run]:
        """Return the runs; one alone comes with all that its tasks show."""
        return _whole() if self.action == "retrieve" else super().get_queryset()

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """Return the serializer of a run in a list, alone, or to be started."""
        match self.action:
            case "retrieve":
                return WholeRunSerializer
            case "create":
                return NewRunSerializer
        return super().get_serializer_class()

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return a page, with the working times that its runs are judged by."""
        page = super().paginate_queryset(queryset)
        prepare_standings(page or ())
        return page

    @extend_schema(request=NewRunSerializer, responses={201: WholeRunSerializer})
    def create(self, request: Request) -> Response:
        """Start a playbook for an account, in the edition of its market.

        One that is under way for the account is not started again: the refusal says so.
        """
        values = self.body()
        self.check_object_permissions(request, Run(account=values["account"]))
        run = services.start_run(by=member_of(request), at=timezone.now(), **values)
        return self._answer(run, status=201)

    @extend_schema(responses={201: WholeRunSerializer}, filters=False)
    @action(
        detail=False,
        methods=["post"],
        serializer_class=EscalationSerializer,
        filterset_class=None,
        pagination_class=None,
    )
    def escalate(self, request: Request) -> Response:
        """Start the playbook by which the account's market escalates."""
        account = self.body()["account"]
        self.check_object_permissions(request, Run(account=account))
        run = services.raise_escalation(account=account, by=member_of(request), at=timezone.now())
        return self._answer(run, status=201)

    @extend_schema(responses=LaunchedSerializer, filters=False)
    @action(
        detail=False,
        methods=["post"],
        serializer_class=LaunchSerializer,
        write_right=Right.EDIT_STRUCTURE,
        filterset_class=None,
        pagination_class=None,
    )
    def launch(self, request: Request) -> Response:
        """Start a playbook for all accounts of a filter, or tell what would start."""
        values = self.body()
        wanted = values.pop("filter")
        if not works_there(request, lambda: wanted.get("market") or wanted.get("region")):
            raise PermissionDenied
        values["accounts"], values["at"] = accounts_of(wanted), timezone.now()
        dry_run = values.pop("dry_run")
        if dry_run:
            foreseen = services.foresee_runs(**values)
            runs, tasks, refused = len(foreseen.accounts), foreseen.tasks, foreseen.refused
        else:
            launch = services.start_runs(by=member_of(request), **values)
            runs, tasks, refused = len(launch.run_ids), launch.tasks, launch.refused
        answer = {"dry_run": dry_run, "runs": runs, "tasks": tasks, "refused": _by_reason(refused)}
        return Response(LaunchedSerializer(answer).data)

    @extend_schema(responses=WholeRunSerializer)
    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def pause(self, request: Request, pk: str) -> Response:
        """Hold a run: its tasks leave the lists until it goes on."""
        return self._carry_out(services.pause_run)

    @extend_schema(request=None, responses=WholeRunSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def resume(self, request: Request, pk: str) -> Response:
        """Let a paused run go on; what was not done moves by the working days it was held."""
        return self._carry_out(services.resume_run)

    @extend_schema(responses=WholeRunSerializer)
    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def cancel(self, request: Request, pk: str) -> Response:
        """End a run before its time; what was done stays done."""
        return self._carry_out(services.cancel_run)

    def _carry_out(self, act: Callable[..., Run]) -> Response:
        run = self.get_object()
        return self._answer(act(run, at=timezone.now(), **self.body()))

    def _answer(self, run: Run, *, status: int = 200) -> Response:
        return Response(WholeRunSerializer(_whole().get(pk=run.pk)).data, status=status)


def _whole() -> QuerySet[Run]:
    """Return runs with all that their tasks show."""
    tasks = Task.objects.select_related("account__market", "cadence", "step", "owner")
    return (
        Run.objects.with_edition_in_force()
        .select_related("account__market", "market", "playbook", "edition")
        .prefetch_related(Prefetch("tasks", queryset=tasks), "edition__steps", "moves")
    )


def _by_reason(refused: Iterable[Refused]) -> list[dict[str, Any]]:
    """Return how many accounts each reason keeps back, the most frequent first."""
    by_reason: dict[Refusal, list[Refused]] = defaultdict(list)
    for each in refused:
        by_reason[each.reason].append(each)
    return [
        {
            "reason": reason.value,
            "accounts": len(found),
            "examples": [
                {"account_id": each.account_id, "detail": each.detail, "said": say_refusal(each)}
                for each in found[:MOST_EXAMPLES]
            ],
        }
        for reason, found in sorted(by_reason.items(), key=lambda item: -len(item[1]))
    ]
