"""Who is asking: from a session or a bearer key, resolved once per request."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from tenants.choices import Scope
from tenants.models import ApiKey, User

SESSION_KEY = "organization"
KEY_PREFIX = "csp_"
LAST_USE_PRECISION = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """A member of an organization, as the request came in."""

    membership_id: UUID
    organization_id: UUID
    organization_name: str
    organization_slug: str
    user_id: UUID
    role: str
    scope: str = Scope.WRITE
    api_key_id: UUID | None = None


def memberships_of(user: User) -> list[Identity]:
    """Return the active memberships of ``user`` in every organization, by its name."""
    return _identities("SELECT * FROM memberships_of_user(%s)", [user.pk])


def identity_of_key(key: str) -> Identity | None:
    """Return whom a bearer key stands for; None when it is unknown, expired or revoked."""
    found = _identities("SELECT * FROM membership_of_api_key(%s)", [hash_key(key)])
    return found[0] if found else None


def identity_of_session(request: HttpRequest) -> Identity | None:
    """Return the membership in force of a signed-in user; the first when none was chosen."""
    if not isinstance(request.user, User):
        return None
    memberships = memberships_of(request.user)
    request.memberships = memberships  # type: ignore[attr-defined]
    chosen = request.session.get(SESSION_KEY)
    return next(
        (identity for identity in memberships if str(identity.organization_id) == chosen),
        memberships[0] if memberships else None,
    )


def bearer_key(request: HttpRequest) -> str | None:
    """Return the key of an ``Authorization: Bearer`` header."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def new_key() -> str:
    """Return a new API key: 256 random bits."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def hash_key(key: str) -> str:
    """Return what is stored of a key. It is random, so one SHA-256 is enough."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def note_use(api_key_id: UUID, *, at: datetime) -> None:
    """Remember when a key was last used, to the minute."""
    # One of many requests at once does it: the others must not wait for that one to end.
    unnoted = ApiKey.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=api_key_id)
    unnoted = unnoted.exclude(last_used_at__gt=at - LAST_USE_PRECISION)
    ApiKey.objects.filter(pk__in=unnoted.values("pk")).update(last_used_at=at)


def _identities(sql: str, parameters: list[Any]) -> list[Identity]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [Identity(*row) for row in cursor.fetchall()]


class IdentityAuthentication(authentication.BaseAuthentication):
    """Read what the middleware resolved; check CSRF where a session was used."""

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        """Return the user and the identity, or None for nobody.

        :raises AuthenticationFailed: for a key that is unknown, expired or revoked.
        """
        identity: Identity | None = getattr(request._request, "identity", None)
        if bearer_key(request._request) is not None:
            if identity is None:
                raise exceptions.AuthenticationFailed("This API key is not valid.")
            return User.objects.get(pk=identity.user_id), identity
        if identity is None:
            return None
        authentication.SessionAuthentication().enforce_csrf(request)
        return request._request.user, identity  # type: ignore[return-value]

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge, which makes the answer a 401."""
        return 'Bearer realm="api"'


class IdentityAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describe the two ways in for OpenAPI."""

    target_class = "tenants.authentication.IdentityAuthentication"
    name = ["apiKey", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        """Return the definitions."""
        return [
            {"type": "http", "scheme": "bearer"},
            {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        """Return that either way in is enough."""
        return [{name: []} for name in self.name]
