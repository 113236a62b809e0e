"""What each role may do."""

from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from tenants.authentication import Identity
from tenants.choices import Role, Scope


class Right(StrEnum):
    """Something a role may be allowed to do; everybody may read."""

    MANAGE_MEMBERS = "manage_members"
    EDIT_STRUCTURE = "edit_structure"
    """Regions, markets, cadences."""
    EDIT_ACCOUNTS = "edit_accounts"
    WORK = "work"
    """Complete, move and hand over tasks."""


_RIGHTS: dict[str, frozenset[Right]] = {
    Role.ADMIN: frozenset(Right),
    Role.LEADER: frozenset({Right.EDIT_STRUCTURE, Right.EDIT_ACCOUNTS, Right.WORK}),
    Role.REGIONAL_MANAGER: frozenset({Right.EDIT_STRUCTURE, Right.EDIT_ACCOUNTS, Right.WORK}),
    Role.CSM: frozenset({Right.EDIT_ACCOUNTS, Right.WORK}),
    Role.ANALYST: frozenset(),
}


def identity_of(request: HttpRequest | Request) -> Identity | None:
    """Return the identity that the middleware resolved."""
    return getattr(getattr(request, "_request", request), "identity", None)


def may(identity: Identity | None, right: Right) -> bool:
    """Return whether ``identity`` has ``right``; a read-only key has none."""
    return (
        identity is not None and identity.scope == Scope.WRITE and right in _RIGHTS[identity.role]
    )


class MembershipPermission(BasePermission):
    """Members read; writing needs the right that the view names as ``write_right``."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether the request may go on."""
        identity = identity_of(request)
        if request.method in SAFE_METHODS:
            return identity is not None
        return may(identity, view.write_right)
