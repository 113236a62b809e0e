"""Every write on accounts, their declared attributes, contacts and agreements."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import attributes, events, sample
from accounts.choices import LONGEST_PERIOD, Tier
from accounts.days import reason_against
from accounts.models import CONTRACT_DATES, Account, AccountAttribute, Contact, WorkingAgreement
from accounts.names import search_form
from accounts.segments import Segments
from accounts.signals import accounts_changed, contract_dates_changed
from accounts.tiers import Floors
from regions.models import Market
from tenants.models import Membership
from toolkit import consequences
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import store

# What planning depends on; the rest of an account may change without moving a check-in.
PLANNING_FIELDS = ("market_id", "tier", "stage", "owner_id", "start_date", "archived_at")
AGREEMENT_PLANNING_FIELDS = ("every", "unit", "weekdays", "hours_from", "hours_to")


class AccountArchived(DomainError):
    """An archived account is not worked on."""


class AttributeArchived(DomainError):
    """An archived attribute is given to no further account."""


class TooManyAttributes(DomainError):
    """So many attributes are in use that no other fits in."""


def require_in_use(account: Account) -> None:
    """Check that an account is worked with.

    :raises AccountArchived: if it is not.
    """
    if account.archived_at is not None:
        raise AccountArchived(_("%(account)s is archived.") % {"account": account})


@transaction.atomic
def save_account(account: Account) -> Account:
    """Save a new or changed account; planning follows when it has to.

    :raises InvalidInput: for a day that no customer will live to see, and for attributes that
        are not declared so, each by its path.
    """
    creating = account._state.adding
    columns = (*PLANNING_FIELDS, *CONTRACT_DATES, "attributes")
    found = None if creating else _stored(account, columns)
    was_archived = found is not None and found[PLANNING_FIELDS.index("archived_at")] is not None
    known = found[-1] if found else {}
    account.attributes = attributes.checked(account.attributes, stored=known)
    store(account)
    _check_days(account, "start_date", *CONTRACT_DATES)
    if account.archived_at is not None and not was_archived:
        told = events.archived
    else:
        told = events.created if creating else events.updated
    consequences.draw(told, account.pk)
    planned_by = len(PLANNING_FIELDS)
    if found is None or found[:planned_by] != _values(account, PLANNING_FIELDS):
        _announce(account)
    if found is not None and found[planned_by:-1] != _values(account, CONTRACT_DATES):
        consequences.draw(_tell_contract_dates, account.pk)
    return account


@transaction.atomic
def create_accounts(accounts: Sequence[Account], contacts: Sequence[Contact] = ()) -> None:
    """Create many accounts with their contacts; the next planning enrols them.

    :raises ValidationError: for the first row whose fields cannot be taken.
    :raises InvalidInput: for the first account with attributes that are not declared so.
    """
    for account in accounts:
        account.attributes = attributes.checked(account.attributes, stored={})
        account.search_name = search_form(account.name)
    for row in (*accounts, *contacts):
        row.clean_fields(exclude=["account"])
    Account.objects.bulk_create(accounts)
    Contact.objects.bulk_create(contacts)
    consequences.draw(events.created, *(account.pk for account in accounts))


@transaction.atomic
def add_sample(*, market: Market, owner: Membership, today: dt.date) -> None:
    """Put a few made-up accounts into a market; those there, or put away, are used again."""
    old = Account.objects.filter(external_id__startswith=sample.PREFIX)
    old.update(archived_at=None, market=market, owner=owner, version=F("version") + 1)
    known = dict(old.values_list("external_id", "pk"))
    fresh = sample.sample_accounts(market=market, owner=owner, today=today)
    create_accounts([each for each in fresh if each.external_id not in known])
    consequences.draw(events.updated, *known.values())
    consequences.draw(_tell, *old.values_list("pk", flat=True))


@transaction.atomic
def put_sample_away(*, at: dt.datetime) -> None:
    """Archive the made-up accounts."""
    known = Account.objects.filter(external_id__startswith=sample.PREFIX, archived_at=None)
    ids = list(known.values_list("pk", flat=True))
    Account.objects.filter(pk__in=ids).update(archived_at=at, version=F("version") + 1)
    consequences.draw(events.archived, *ids)
    consequences.draw(_tell, *ids)


@transaction.atomic
def set_tiers(floors: Mapping[str, Floors]) -> int:
    """Give every active account the tier of its revenue; return how many changed.

    ``floors`` are by currency. Accounts without revenue, or in another currency, keep their tier.

    :raises InvalidInput: if tier 1 begins below tier 2, or a floor is negative.
    """
    for first, second in floors.values():
        if not first >= second >= 0:
            raise InvalidInput({"tier_2": _("Tier 1 begins above tier 2, and both above zero.")})
    changes = Segments().changes(floors)
    for tier in Tier:
        ids = [pk for pk, new_tier in changes.items() if new_tier == tier]
        Account.objects.filter(pk__in=ids).update(tier=tier, version=F("version") + 1)
    consequences.draw(events.updated, *changes)
    consequences.draw(_tell, *changes)
    return len(changes)


@transaction.atomic
def archive_account(account: Account, *, at: dt.datetime) -> Account:
    """Stop working on an account; its history stays.

    :raises AccountArchived: if it is archived already.
    """
    if account.archived_at is not None:
        raise AccountArchived(_("%(account)s is archived already.") % {"account": account})
    account.archived_at = at
    return save_account(account)


@transaction.atomic
def restore_account(account: Account) -> Account:
    """Work on an archived account again."""
    account.archived_at = None
    return save_account(account)


@transaction.atomic
def save_attribute(attribute: AccountAttribute) -> AccountAttribute:
    """Save a new or changed declaration of an attribute.

    :raises InvalidInput: for choices that are blank, or there twice.
    :raises TooManyAttributes: for one more than may be in use.
    """
    attribute.choices = [choice.strip() for choice in attribute.choices]
    _check_choices(attribute.choices)
    store(attribute)
    if AccountAttribute.objects.filter(archived_at=None).count() > attributes.MOST:
        said = _("%(most)d attributes are in use, which is as many as can be.")
        raise TooManyAttributes(said % {"most": attributes.MOST})
    return attribute


@transaction.atomic
def archive_attribute(attribute: AccountAttribute, *, at: dt.datetime) -> AccountAttribute:
    """Ask for an attribute no longer; accounts keep what they say of it.

    :raises AttributeArchived: if it is archived already.
    """
    if attribute.archived_at is not None:
        raise AttributeArchived(_("%(name)s is archived already.") % {"name": attribute})
    attribute.archived_at = at
    return save_attribute(attribute)


@transaction.atomic
def restore_attribute(attribute: AccountAttribute) -> AccountAttribute:
    """Ask for an archived attribute again.

    :raises TooManyAttributes: if as many as can be are in use.
    """
    attribute.archived_at = None
    return save_attribute(attribute)


@transaction.atomic
def save_contact(contact: Contact) -> Contact:
    """Save a contact; the newest one to be the first to turn to takes that place over."""
    if contact.is_primary:
        Contact.objects.filter(account=contact.account, is_primary=True).exclude(
            pk=contact.pk
        ).update(is_primary=False, version=F("version") + 1)
    return store(contact)


@transaction.atomic
def remove_contact(contact: Contact) -> None:
    """Remove a contact; what was agreed with the person, and promised, holds on. Links end."""
    contact.agreements.update(agreed_with=None, version=F("version") + 1)
    contact.promises.update(contact=None, version=F("version") + 1)
    contact.agreement_links.update(contact=None, version=F("version") + 1)
    contact.delete()


@transaction.atomic
def save_agreement(agreement: WorkingAgreement) -> WorkingAgreement:
    """Save what was agreed with a customer; planning follows.

    :raises InvalidInput: if it was agreed with somebody of another account, for a rhythm of more
        than ten years, or for a day that nobody can have agreed on.
    """
    contact = agreement.agreed_with
    if contact is not None and contact.account_id != agreement.account_id:
        raise InvalidInput({"agreed_with": _("This contact belongs to another account.")})
    check_period(agreement.every, agreement.unit)
    agreement.weekdays = sorted(set(agreement.weekdays))
    creating = agreement._state.adding
    before = None if creating else _stored(agreement, AGREEMENT_PLANNING_FIELDS)
    store(agreement)
    _check_days(agreement, "agreed_on")
    if before != _values(agreement, AGREEMENT_PLANNING_FIELDS):
        _announce(agreement.account)
    return agreement


@transaction.atomic
def remove_agreement(agreement: WorkingAgreement) -> None:
    """Remove what was agreed; cadence and market hold again."""
    account = agreement.account
    agreement.delete()
    _announce(account)


def check_period(every: int | None, unit: str) -> None:
    """Refuse a rhythm that nobody will live to see.

    :raises InvalidInput: for a period of more than ten years.
    """
    if every and every > LONGEST_PERIOD.get(unit, every):
        raise InvalidInput({"every": _("Ten years are the longest period.")})


def _check_days(stored: models.Model, *names: str) -> None:
    """Take a row back whose days lie far off; stored, they are days and no longer texts.

    :raises InvalidInput: for each of them.
    """
    days = {name: day for name in names if (day := getattr(stored, name)) is not None}
    refused = {name: reason for name, day in days.items() if (reason := reason_against(day))}
    if refused:
        raise InvalidInput(refused)


def _check_choices(choices: Collection[str]) -> None:
    if "" in choices:
        raise InvalidInput({"choices": _("A choice needs a text.")})
    if len(set(choices)) < len(choices):
        raise InvalidInput({"choices": _("Each choice is there once.")})


def _announce(account: Account) -> None:
    consequences.draw(_tell, account.pk)


def _tell(changed: list[UUID]) -> None:
    accounts_changed.send(sender=Account, accounts=Account.objects.filter(pk__in=changed))


def _tell_contract_dates(changed: list[UUID]) -> None:
    contract_dates_changed.send(sender=Account, accounts=Account.objects.filter(pk__in=changed))


def _stored(instance: models.Model, fields: tuple[str, ...]) -> tuple[Any, ...] | None:
    return type(instance)._base_manager.filter(pk=instance.pk).values_list(*fields).first()


def _values(instance: models.Model, fields: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(instance, field) for field in fields)
