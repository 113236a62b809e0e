"""What may follow an outcome: rules that propose playbooks, and escalations."""

import datetime as dt

from django.utils.translation import gettext as _

from accounts.models import Account
from engagement.models import OutcomeRule, Run
from engagement.proposals import editions_for
from engagement.services.launching import start_run
from governance.vocabulary import Motion
from tenants.models import Membership
from toolkit.errors import DomainError
from toolkit.storage import store


class NoEscalation(DomainError):
    """No playbook says how to escalate in the market."""


def save_outcome_rule(rule: OutcomeRule) -> OutcomeRule:
    """Save a new or changed rule; it holds for what is done from now on."""
    return store(rule)


def remove_outcome_rule(rule: OutcomeRule) -> None:
    """Propose it no longer."""
    rule.delete()


def raise_escalation(*, account: Account, by: Membership, at: dt.datetime) -> Run:
    """Start the playbook by which the account's market escalates. ``at`` is UTC.

    Of several that are in force the first by key is taken.

    :raises NoEscalation: if none is in force there.
    :raises RunRefused: if it does not start, with the reason.
    """
    editions = editions_for(account).filter(playbook__motion=Motion.ESCALATION)
    chosen = min(editions, key=lambda edition: edition.playbook.key, default=None)
    if chosen is None:
        said = _("No playbook for escalations is in force in %(market)s.")
        raise NoEscalation(said % {"market": account.market})
    return start_run(playbook=chosen.playbook, account=account, by=by, at=at)
