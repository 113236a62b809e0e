"""Which playbooks are proposed once a task is done."""

from django.db.models import QuerySet

from accounts.models import Account
from engagement.choices import TaskStatus
from engagement.models import OutcomeRule, Run, Task
from playbooks.choices import VersionStatus
from playbooks.models import Edition, PlaybookVersion
from playbooks.services import editions_in_force


def editions_for(account: Account) -> QuerySet[Edition]:
    """Return what may be started for an account by its market, one edition of each playbook."""
    published = PlaybookVersion.objects.filter(status=VersionStatus.PUBLISHED)
    return editions_in_force(market=account.market).filter(
        playbook__archived_at=None, playbook__in=published.values("playbook")
    )


def proposals_for(task: Task) -> list[Edition]:
    """Return what the rules propose after a task that was done, in one query.

    What is under way for the account is not proposed again.
    """
    if task.status != TaskStatus.DONE or task.account.archived_at is not None:
        return []
    rules = OutcomeRule.objects.filter(
        outcome__in=("", task.outcome), sentiment__in=("", task.sentiment)
    ).order_by()
    under_way = Run.objects.under_way().filter(account=task.account_id).order_by()
    proposed = editions_for(task.account).filter(playbook__in=rules.values("playbook"))
    return list(proposed.exclude(playbook__in=under_way.values("playbook")))
