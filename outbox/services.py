"""Every write on letters: kept, leased, sent, tried again, given up."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from outbox.mail import deliver, is_permanent
from outbox.models import Letter
from outbox.querysets import LetterQuerySet
from outbox.signals import letter_wanted_again
from tenants.context import acting_for
from tenants.letters import Draft
from toolkit.errors import DomainError

log = structlog.get_logger(__name__)

# Longer than a mail server may take to answer.
LEASE = dt.timedelta(minutes=2)
PAUSES = (
    dt.timedelta(minutes=1),
    dt.timedelta(minutes=5),
    dt.timedelta(minutes=30),
    dt.timedelta(hours=2),
    dt.timedelta(hours=6),
    dt.timedelta(hours=24),
)
MOST_ATTEMPTS = len(PAUSES) + 1
LONGEST_FAILURE = 500


class NotGivenUp(DomainError):
    """Only what was given up is sent again."""


class BodyForgotten(DomainError):
    """Nothing is left of the letter that could be sent."""


def keep_letters(drafts: Iterable[Draft]) -> list[Letter]:
    """Keep letters of the organization in force, to be sent once this transaction is over."""
    return Letter.objects.bulk_create(
        [
            Letter(
                to=draft.to,
                subject=draft.subject,
                text=draft.text,
                html=draft.html,
                language=draft.language,
                has_secret=draft.has_secret,
                unsubscribe=draft.unsubscribe,
                reply_to=draft.reply_to,
            )
            for draft in drafts
        ]
    )


def stop_letters(letters: LetterQuerySet, *, reason: str) -> int:
    """Give up those of ``letters`` that did not leave yet; return how many."""
    return letters.waiting().update(parked_at=Now(), failure=reason[:LONGEST_FAILURE])


@transaction.atomic
def send_again(letter: Letter) -> Letter:
    """Send a letter again that was given up, with the same Message-ID; the next sweep finds it.

    :raises BodyForgotten: if it held a secret, which is gone.
    :raises NotGivenUp: if it was sent, or is still tried.
    :raises DomainError: if whoever had it written does not want that any more.
    """
    if letter.has_secret:
        raise BodyForgotten(_("It held a secret, which is forgotten: let a new one be written."))
    letter_wanted_again.send(sender=Letter, letter=letter)
    given_up = Letter.objects.filter(pk=letter.pk, parked_at__isnull=False)
    if not given_up.update(parked_at=None, attempts=0, due_at=Now(), failure=""):
        raise NotGivenUp(_("This letter was not given up."))
    return Letter.objects.get(pk=letter.pk)


def organizations_with_letters_due() -> list[UUID]:
    """Return the organizations that have a letter to send now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM organizations_with_letters_due()")
        return [organization_id for (organization_id,) in cursor.fetchall()]


def oldest_waiting_seconds() -> float:
    """Return how long the oldest letter of any organization has been waiting to be sent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT oldest_letter_waiting_seconds()")
        (seconds,) = cursor.fetchone()
    return float(seconds)


def send_letter(*, organization_id: UUID, letter_id: UUID) -> bool:
    """Send a letter that is due, unless somebody else does; return whether it was sent.

    Three steps, and no transaction is open while the mail server answers: call this outside of
    one. A worker that dies after the second leaves the letter to the next, who sends it again
    with the same Message-ID.
    """
    with acting_for(organization_id, door="worker"):
        letter = _lease(letter_id)
    if letter is None:
        return False
    try:
        deliver(letter)
    except Exception as error:
        log.warning("a letter was not sent", letter=str(letter_id), exc_info=True)
        final = letter.attempts >= MOST_ATTEMPTS or is_permanent(error)
        with acting_for(organization_id, door="worker"):
            _note_failure(letter, str(error) or type(error).__name__, final=final)
        return False
    with acting_for(organization_id, door="worker"):
        _close(letter, sent_at=Now(), failure="")
    return True


def _lease(letter_id: UUID) -> Letter | None:
    """Take a letter that is due; None when it is not, or somebody has it."""
    taken = (
        Letter.objects.due()
        .filter(pk=letter_id)
        .update(
            lease_token=F("lease_token") + 1,
            leased_until=Now() + LEASE,
            attempts=F("attempts") + 1,
        )
    )
    if not taken:
        return None
    letter = Letter.objects.get(pk=letter_id)
    if letter.attempts <= MOST_ATTEMPTS:
        return letter
    # Nobody told how the last attempt ended: it took its worker along.
    _note_failure(letter, letter.failure or "No worker survived it.", final=True)
    return None


def _note_failure(letter: Letter, reason: str, *, final: bool) -> None:
    reason = reason[:LONGEST_FAILURE]
    if final:
        log.error("a letter was given up", letter=str(letter.pk), reason=reason)
        _close(letter, parked_at=Now(), failure=reason)
    else:
        pause = PAUSES[letter.attempts - 1]
        _held(letter).update(due_at=Now() + pause, failure=reason, leased_until=None)


def _close(letter: Letter, **values: object) -> None:
    """Write down how it ended, and forget a secret with it."""
    body = {"text": "", "html": ""} if letter.has_secret else {}
    _held(letter).update(leased_until=None, **body, **values)


def _held(letter: Letter) -> LetterQuerySet:
    """Return the letter for writing, unless another worker has taken it over since."""
    return Letter.objects.waiting().filter(pk=letter.pk, lease_token=letter.lease_token)
