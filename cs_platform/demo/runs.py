"""Runs of the demo: customers who came on board, one of whom asked to wait."""

import datetime as dt

from accounts.choices import Stage
from accounts.models import Account
from engagement import services as engagement_services
from engagement.choices import RunStatus
from engagement.models import Run
from playbooks.models import Playbook
from tenants.models import Membership


def start_onboarding(*, by: Membership, at: dt.datetime) -> None:
    """Start the onboarding for everybody who is in that stage. ``at`` is UTC."""
    engagement_services.start_runs(
        playbook=Playbook.objects.get(key="onboarding"),
        accounts=Account.objects.filter(stage=Stage.ONBOARDING),
        by=by,
        at=at,
    )


def hold_one_run(*, at: dt.datetime) -> None:
    """Hold the onboarding of the last customer by name. ``at`` is UTC."""
    going = Run.objects.filter(status=RunStatus.ACTIVE, playbook__key="onboarding")
    run = going.select_related("account__market", "market").latest("account__search_name", "pk")
    engagement_services.pause_run(
        run, at=at, reason="Their own move to another office comes first; they call us after it."
    )
