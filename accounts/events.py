"""What webhooks are told of accounts and promises."""

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Promise
from outbox import events, webhooks
from toolkit.conditions import one_of


def declare() -> None:
    """Let webhooks ask for what happens to accounts."""
    events.declare(
        account_created=_("An account was created"),
        account_updated=_("An account was changed"),
        account_archived=_("An account was archived"),
        agreement_proposed=_("A customer proposed to change the working agreement"),
        promise_made=_("A promise was made"),
        promise_kept=_("A promise was kept"),
        promise_broken=_("A promise was broken"),
        promise_renegotiated=_("A promise got another day"),
    )


def created(accounts: Collection[UUID]) -> None:
    """Tell of new accounts."""
    _tell("account.created", accounts)


def updated(accounts: Collection[UUID]) -> None:
    """Tell of changed accounts."""
    _tell("account.updated", accounts)


def archived(accounts: Collection[UUID]) -> None:
    """Tell of accounts that nobody works on any more."""
    _tell("account.archived", accounts)


def proposed(accounts: Collection[UUID]) -> None:
    """Tell of accounts whose customer wants something agreed otherwise."""
    _tell("agreement.proposed", accounts)


def tell_of_promise(event_type: str, promise: Promise) -> None:
    """Tell of a promise as it is stored now."""
    webhooks.announce(
        event_type,
        {"id": str(promise.pk), "version": promise.version, "account": str(promise.account_id)},
    )


def _tell(event_type: str, accounts: Collection[UUID]) -> None:
    if not accounts or not webhooks.is_wanted(event_type):
        return
    found = Account.objects.filter(one_of("pk", accounts)).values_list("pk", "version")
    told = [{"id": str(pk), "version": version} for pk, version in found.order_by("pk")]
    webhooks.announce(event_type, *told)
