"""Every write on passwords."""

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from tenants import letters
from tenants.authentication import memberships_of
from tenants.context import acting_for
from tenants.models import PasswordRequest, User
from toolkit.errors import DomainError

RESET_SECONDS = 3600
SALT = "tenants.password"


class ResetOver(DomainError):
    """The link was used or is too old, or never was one."""


def hashed(password: str, user: User) -> str:
    """Return what is stored of a password that is good enough.

    :raises ValidationError: if it is too easy to guess, by field.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
    return make_password(password)


def request_password_reset(*, email: str) -> None:
    """Note that somebody wants a new password, whether anybody has the address or not.

    The work is the same: ``answer_password_requests`` looks whose it is, later.
    """
    PasswordRequest.objects.create(email=email.lower())


def answer_password_requests() -> None:
    """Write to whoever has an address that was asked for and belongs to an organization.

    Each is one transaction, and no other worker's meanwhile: safe to run twice.
    """
    while _answer_one():
        pass


@transaction.atomic
def _answer_one() -> bool:
    """Answer the oldest request that nobody else answers; return whether there was one."""
    waiting = PasswordRequest.objects.select_for_update(skip_locked=True).order_by("pk")
    request = waiting.first()
    if request is None:
        return False
    request.delete()
    user = User.objects.filter(email=request.email, is_active=True).first()
    memberships = memberships_of(user) if user else []
    if user and memberships:
        first = memberships[0]
        with acting_for(first.organization_id, membership_id=first.membership_id, door="page"):
            letters.send(
                [
                    letters.password_reset(
                        to=user.email, name=user.name, token=_token(user), language=user.language
                    )
                ]
            )
    return True


def user_of_reset(token: str) -> User:
    """Return whose password a link is for.

    :raises ResetOver: if the link does not work any more.
    """
    return _user_of(token, lock=False)


@transaction.atomic
def reset_password(token: str, *, password: str) -> User:
    """Give the person a new password, once; she is signed out everywhere, and told.

    :raises ResetOver: if the link does not work any more.
    :raises ValidationError: if the password is too easy to guess.
    """
    user = _user_of(token, lock=True)
    memberships = memberships_of(user)
    if not memberships:
        _set(user, password)
        return user
    first = memberships[0]
    with acting_for(first.organization_id, membership_id=first.membership_id, door="page"):
        change_password(user, password=password)
    return user


@transaction.atomic
def change_password(user: User, *, password: str) -> None:
    """Give a user another password and tell her; other sessions of hers end.

    :raises ValidationError: if the password is too easy to guess.
    """
    _set(user, password)
    letters.send([letters.password_changed(to=user.email, name=user.name, language=user.language)])


def fingerprint(user: User) -> str:
    """Return what a link must still find: it works until password or address change."""
    known = f"{user.password}{user.email}"
    return salted_hmac(SALT, known, algorithm="sha256").hexdigest()[:32]


def _set(user: User, password: str) -> None:
    user.password = hashed(password, user)
    user.save(update_fields=["password"])


def _token(user: User) -> str:
    return signing.dumps([user.pk.hex, fingerprint(user)], salt=SALT)


def _user_of(token: str, *, lock: bool) -> User:
    users = User.objects.select_for_update() if lock else User.objects.all()
    try:
        user_id, seen = signing.loads(token, salt=SALT, max_age=RESET_SECONDS)
        user = users.get(pk=UUID(user_id), is_active=True)
    except (signing.BadSignature, User.DoesNotExist) as error:
        raise ResetOver(_("This link does not work any more.")) from error
    if not constant_time_compare(seen, fingerprint(user)):
        raise ResetOver(_("This link does not work any more."))
    return user
