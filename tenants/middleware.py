"""Put the asking member's organization in force for the whole request."""

from collections.abc import Callable

import structlog
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import get_supported_language_variant

from tenants.authentication import bearer_key, identity_of_key, identity_of_session, note_use
from tenants.context import acting_for
from tenants.models import User

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class StreamingTenantData(RuntimeError):
    """A streaming response would outlive the transaction that row security needs."""


class OrganizationMiddleware:
    """Resolve session or bearer key, open the transaction, set the organization.

    A request that is refused or fails (4xx, 5xx) leaves nothing behind.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer ``request`` inside one transaction of one organization."""
        key = bearer_key(request)
        identity = identity_of_session(request) if key is None else identity_of_key(key)
        request.identity = identity  # type: ignore[attr-defined]
        if identity is None:
            return self.get_response(request)
        # Bound for the whole request, so that the line that ends it tells them too.
        structlog.contextvars.bind_contextvars(
            organization=str(identity.organization_id), member=str(identity.membership_id)
        )
        with acting_for(
            identity.organization_id,
            membership_id=identity.membership_id,
            door=door_of(request.path),
        ):
            if identity.api_key_id:
                note_use(identity.api_key_id, at=timezone.now())
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            if response.streaming:
                raise StreamingTenantData(request.path)
        return response


def door_of(path: str) -> str:
    """Return the door's name for the audit trail."""
    for door in ("api", "admin"):
        if path.startswith(f"/{door}/"):
            return door
    return "page"


class ReaderLocaleMiddleware:
    """Speak the member's language; that of the browser while nobody is signed in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer ``request`` in the reader's language."""
        language = translation.get_language_from_request(request)
        if isinstance(request.user, User):
            try:
                language = get_supported_language_variant(request.user.language)
            except LookupError:
                language = "en"
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
