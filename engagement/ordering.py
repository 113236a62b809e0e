"""The order of tasks in SQL: the columns that ``engagement.priority`` ranks by."""

from decimal import Decimal

from django.db.models import (
    Case,
    DecimalField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat

from engagement.due import Todays
from engagement.models import Task
from engagement.priority import AT_RISK, Part, Weight
from engagement.querysets import TaskQuerySet

_OF_REVENUE = DecimalField(max_digits=15, decimal_places=2)


def ranked(tasks: TaskQuerySet, *, todays: Todays) -> TaskQuerySet:
    """Add what tasks are sorted by, none of it NULL."""
    return tasks.alias(run_today=todays.of("run__market")).annotate(
        **{
            Part.WEIGHT: Case(
                # Promises are rows of their own; a task that keeps one goes before these.
                When(step__fields__required=True, then=Value(int(Weight.GOAL))),
                default=Value(int(Weight.OTHER)),
                output_field=IntegerField(),
            ),
            Part.RISK: Case(
                When(_at_risk(), then=Value(0)), default=Value(1), output_field=IntegerField()
            ),
            Part.TIER: F("account__tier"),
            Part.CURRENCY: F("account__currency"),
            Part.REVENUE: -Coalesce(F("account__arr"), Value(Decimal(0)), output_field=_OF_REVENUE),
        }
    )


def grouped(tasks: TaskQuerySet) -> TaskQuerySet:
    """Add what tasks are divided by, none of it NULL: account, market, occasion."""
    return tasks.annotate(
        account_group=F("account__search_name"),
        # Two markets may have one name, and their tasks stay apart.
        market_group=Concat(F("account__market__name"), Value("~"), F("account__market__code")),
        motion_group=Coalesce(F("run__playbook__motion"), Value("")),
    )


def _at_risk() -> Q | Exists:
    late = Task.objects.to_do().filter(run=OuterRef("run"), due_date__lt=OuterRef("run_today"))
    return (
        Q(needs_stand_in=True)
        | Q(run__playbook__motion__in=AT_RISK)
        | Q(Exists(late), run__isnull=False)
    )
