"""Every write on passwords."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tenants.models import User


def hashed(password: str, user: User) -> str:
    """Return what is stored of a password that is good enough.

    :raises ValidationError: if it is too easy to guess, by field.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
    return make_password(password)
