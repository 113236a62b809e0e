"""Moving runs by the API: to the edition in force, and with the dates that they count from."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.choices import Stage, Tier
from accounts.models import Account
from engagement import services
from engagement.choices import MoveKind
from engagement.models import Run, RunMove
from engagement.run_move import NOT_IN_EDITION, Fate, Line
from engagement.run_plan import LeftOut
from engagement.services import Move, Refusal, say_refusal
from engagement.wording import say_dropped
from playbooks.models import Playbook
from playbooks.schedule import Anchor
from regions.access import works_there
from regions.models import Market, Region
from tenants.models import Membership
from tenants.permissions import Right, member_of
from toolkit.api.fields import ReferenceField, StrictBooleanField
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import ReadViewSet

MOST_RUNS = 500
"""How many runs one call moves; the answer says how many are left."""

WHY_DROPPED = [*((reason.value, reason.value) for reason in LeftOut), (NOT_IN_EDITION,) * 2]
KINDS_OF_DRY_RUN = _("Tell what would become of the tasks, and change nothing.")


class AnchorsSerializer(StrictSerializer):
    """Days that steps count from; those of the contract come from the account unless given."""

    contract_start = serializers.DateField(required=False)
    notice_deadline = serializers.DateField(required=False)
    renewal = serializers.DateField(required=False)
    event = serializers.DateField(required=False)


def read_anchors(given: Mapping[str, Any]) -> dict[Anchor, Any]:
    """Return days by the events that they are of."""
    return {Anchor(name): day for name, day in given.items()}


class AccountsSerializer(StrictSerializer):
    """Which accounts: all of them, or those that all of this fits."""

    market = ReferenceField(queryset=Market.objects.all(), required=False)
    region = ReferenceField(queryset=Region.objects.all(), required=False)
    tier = serializers.ChoiceField(Tier.choices, required=False)
    stage = serializers.ChoiceField(Stage.choices, required=False)
    owner = ReferenceField(queryset=Membership.objects.all(), required=False)


class MoveRunSerializer(StrictSerializer):
    """Whether to move for real, and the dates that only the new edition counts from."""

    anchors = AnchorsSerializer(required=False)
    dry_run = StrictBooleanField(default=False, help_text=KINDS_OF_DRY_RUN)


class MoveAnchorsSerializer(StrictSerializer):
    """The dates that a run counts from now on."""

    anchors = AnchorsSerializer()
    dry_run = StrictBooleanField(default=False, help_text=KINDS_OF_DRY_RUN)

    def validate_anchors(self, value: dict[str, Any]) -> dict[str, Any]:
        """Ask for one date at least."""
        if not value:
            raise serializers.ValidationError(_("Give one date at least."))
        return value


class MoveRunsSerializer(StrictSerializer):
    """Which runs: those of a playbook, of accounts that all of this fits."""

    playbook = ReferenceField(queryset=Playbook.objects.all())
    filter = AccountsSerializer()
    dry_run = StrictBooleanField(default=False, help_text=KINDS_OF_DRY_RUN)


class MovedTaskSerializer(serializers.Serializer[Any]):
    """What becomes of one task."""

    step = serializers.CharField()
    title = serializers.CharField()
    fate = serializers.ChoiceField(
        [(fate.value, fate.value) for fate in Fate],
        help_text=_(
            "Frozen: it is closed. Same: it keeps its day. Kept: somebody worked on it, so it "
            "keeps its day and is flagged."
        ),
    )
    before = serializers.DateField(allow_null=True)
    after = serializers.DateField(allow_null=True)
    reason = serializers.ChoiceField(WHY_DROPPED, allow_null=True, help_text=_("Why it goes."))
    text = serializers.CharField(help_text=_("Why it goes, in one sentence; else empty."))


class MovedSerializer(serializers.Serializer[Any]):
    """What a move came to, or would come to."""

    dry_run = serializers.BooleanField()
    run = serializers.UUIDField()
    edition = serializers.UUIDField(help_text=_("In which it goes on."))
    market = serializers.UUIDField(help_text=_("By whose calendar it goes on."))
    tasks = MovedTaskSerializer(many=True)


class MovedRunSerializer(serializers.Serializer[Any]):
    """How many tasks a move concerns in one run, or why the run stays as it is."""

    run = serializers.UUIDField()
    account = serializers.UUIDField()
    refused = serializers.ChoiceField(
        [(refusal.value, refusal.value) for refusal in Refusal], allow_null=True
    )
    text = serializers.CharField(help_text=_("Why it stays, in one sentence; else empty."))
    moved = serializers.IntegerField()
    kept = serializers.IntegerField()
    added = serializers.IntegerField()
    dropped = serializers.IntegerField()


class MovedRunsSerializer(serializers.Serializer[Any]):
    """What moving runs came to, or would come to."""

    dry_run = serializers.BooleanField()
    moved = serializers.IntegerField(help_text=_("How many runs move."))
    refused = serializers.IntegerField(help_text=_("How many stay as they are."))
    left = serializers.IntegerField(
        help_text=_("How many this call did not come to: send it again.")
    )
    runs = MovedRunSerializer(many=True)


class RunMoveSerializer(StrictModelSerializer[RunMove]):
    """What once moved in a run."""

    kind = serializers.ChoiceField(MoveKind.choices)
    changes = serializers.DictField(
        help_text=_(
            "By keys of steps: moved (key, before, after), kept and added (key, day), dropped "
            "(key, day, reason, detail); frozen is a number, anchors are (before, after) by name."
        )
    )

    class Meta:
        model = RunMove
        fields = (
            "id",
            "kind",
            "from_edition",
            "to_edition",
            "from_market",
            "to_market",
            "changes",
            "moved_by",
            "moved_at",
        )


class MovingViewSet(ReadViewSet[Run]):
    """Moves runs under way."""

    @extend_schema(responses=MovedSerializer)
    @action(detail=True, methods=["post"], serializer_class=MoveRunSerializer)
    def move(self, request: Request, pk: str) -> Response:
        """Move a run to the edition in force where its account is, or tell what that would do.

        What is done stays as it was done.
        """
        return self._move(services.foresee_move, services.move_run)

    @extend_schema(responses=MovedSerializer)
    @action(detail=True, methods=["post"], serializer_class=MoveAnchorsSerializer)
    def anchors(self, request: Request, pk: str) -> Response:
        """Let a run count from other dates, or tell what that would do.

        They do not follow the account any more.
        """
        return self._move(services.foresee_anchors, services.move_anchors)

    @extend_schema(operation_id="runs_move_many", responses=MovedRunsSerializer, filters=False)
    @action(
        detail=False,
        methods=["post"],
        url_path="move",
        serializer_class=MoveRunsSerializer,
        write_right=Right.EDIT_STRUCTURE,
        filterset_class=None,
        pagination_class=None,
    )
    def move_many(self, request: Request) -> Response:
        """Move the runs of a playbook to the editions in force, each by itself; or tell what if.

        The oldest 500 that another edition is in force for.
        """
        values = self.body()
        wanted = values["filter"]
        if not works_there(request, lambda: wanted.get("market") or wanted.get("region")):
            raise PermissionDenied
        runs = Run.objects.left_behind().filter(
            playbook=values["playbook"], account__in=accounts_of(wanted)
        )
        ids = list(runs.order_by("pk").values_list("pk", flat=True))
        taken, now = Run.objects.filter(pk__in=ids[:MOST_RUNS]), timezone.now()
        if values["dry_run"]:
            moves = services.foresee_moves(taken, at=now)
        else:
            moves = services.move_runs(taken, at=now, by=member_of(request))
        refused = sum(move.refused is not None for move in moves)
        answer = {
            "dry_run": values["dry_run"],
            "moved": len(moves) - refused,
            "refused": refused,
            "left": max(0, len(ids) - MOST_RUNS),
            "runs": [moved_run_as_data(move) for move in moves],
        }
        return Response(MovedRunsSerializer(answer).data)

    def _move(
        self, foresee: Callable[..., services.Move], act: Callable[..., services.Move]
    ) -> Response:
        run, now = self.get_object(), timezone.now()
        values = self.body()
        anchors = read_anchors(values.get("anchors", {}))
        if values["dry_run"]:
            move = foresee(run, at=now, anchors=anchors)
        else:
            move = act(run, at=now, by=member_of(self.request), anchors=anchors)
        answer = moved_as_data(move, dry_run=values["dry_run"])
        return Response(MovedSerializer(answer).data)


def accounts_of(wanted: dict[str, Any]) -> QuerySet[Account]:
    """Return the accounts that are worked with, of those that a filter keeps."""
    lookups = {"region": "market__region"}
    accounts = Account.objects.filter(archived_at=None)
    return accounts.filter(**{lookups.get(name, name): value for name, value in wanted.items()})


def moved_as_data(move: Move, *, dry_run: bool) -> dict[str, Any]:
    """Return what a move does, task by task."""
    titles = move.titles
    return {
        "dry_run": dry_run,
        "run": move.run.pk,
        "edition": move.to.pk,
        "market": move.market.pk,
        "tasks": [_line(line, titles) for line in move.plan.lines],
    }


def moved_run_as_data(move: Move) -> dict[str, Any]:
    """Return what a move does, in numbers."""
    plan, refused = move.plan, move.refused
    return {
        "run": move.run.pk,
        "account": move.run.account_id,
        "refused": refused and refused.reason.value,
        "text": say_refusal(refused) if refused else "",
        **{
            fate.value: len(plan.of(fate))
            for fate in (Fate.MOVED, Fate.KEPT, Fate.ADDED, Fate.DROPPED)
        },
    }


def _line(line: Line, titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "step": line.key,
        "title": titles.get(line.key, line.key),
        "fate": line.fate.value,
        "before": line.before,
        "after": line.after,
        "reason": line.why and str(line.why[0]),
        "text": say_dropped(*line.why, titles) if line.why else "",
    }
