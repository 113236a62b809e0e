"""What each role may do."""

from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from tenants.authentication import Identity
from tenants.choices import Role, Scope
from tenants.models import Membership


class Right(StrEnum):
    """Something a role may be allowed to do; everybody may read."""

    MANAGE_MEMBERS = "manage_members"
    INVITE = "invite"
    """Let people in who do the work; those who lead are let in by who manages members."""
    EDIT_STRUCTURE = "edit_structure"
    """Regions, markets, cadences."""
    EDIT_ACCOUNTS = "edit_accounts"
    WORK = "work"
    """Complete, move and hand over tasks."""
    READ_AUDIT = "read_audit"
    ENTER_ADMIN = "enter_admin"
    """See in the admin how the organization is set up and how planning goes."""


_RIGHTS: dict[str, frozenset[Right]] = {
    Role.ADMIN: frozenset(Right),
    Role.LEADER: frozenset(Right) - {Right.MANAGE_MEMBERS},
    Role.REGIONAL_MANAGER: frozenset(
        {Right.EDIT_STRUCTURE, Right.EDIT_ACCOUNTS, Right.WORK, Right.ENTER_ADMIN}
    ),
    Role.CSM: frozenset({Right.EDIT_ACCOUNTS, Right.WORK}),
    Role.ANALYST: frozenset({Right.ENTER_ADMIN}),
}

_INVITED_BY_LEADERS = frozenset({Role.CSM, Role.ANALYST})


def identity_of(request: HttpRequest | Request) -> Identity | None:
    """Return the identity that the middleware resolved."""
    return getattr(getattr(request, "_request", request), "identity", None)


def member_of(request: HttpRequest | Request) -> Membership:
    """Return the asking member; only for requests that were let in."""
    identity = identity_of(request)
    assert identity is not None
    return Membership.objects.get(pk=identity.membership_id)


def may(identity: Identity | None, right: Right) -> bool:
    """Return whether ``identity`` has ``right``; a read-only key has none."""
    return (
        identity is not None and identity.scope == Scope.WRITE and right in _RIGHTS[identity.role]
    )


def may_invite(identity: Identity | None, role: str) -> bool:
    """Return whether ``identity`` may let somebody in with this role."""
    return may(identity, Right.MANAGE_MEMBERS) or (
        may(identity, Right.INVITE) and role in _INVITED_BY_LEADERS
    )


class MembershipPermission(BasePermission):
    """Members read, unless the view asks for a ``read_right``; writing needs its ``write_right``.

    A view that names none takes no writes.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether the request may go on.

        :raises MethodNotAllowed: for a write where nothing is written.
        """
        identity = identity_of(request)
        if identity is None:
            return False
        if request.method in SAFE_METHODS:
            right = getattr(view, "read_right", None)
            return right is None or right in _RIGHTS[identity.role]
        right = getattr(view, "write_right", None)
        if right is None:
            raise MethodNotAllowed(str(request.method))
        return may(identity, right)


class WritesOwn(MembershipPermission):
    """Everybody writes what is of herself; that of others takes the right to structure."""

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        """Return whether a row, which names its member, may be read or written."""
        identity = identity_of(request)
        own = identity is not None and obj.membership_id == identity.membership_id
        return request.method in SAFE_METHODS or own or may(identity, Right.EDIT_STRUCTURE)


class OwnAlone(MembershipPermission):
    """Everybody writes what is of herself; who manages members may end that of others."""

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        """Return whether a row, which names its member, may be read, written or removed."""
        identity = identity_of(request)
        if request.method in SAFE_METHODS:
            return True
        own = identity is not None and obj.membership_id == identity.membership_id
        return own or (request.method == "DELETE" and may(identity, Right.MANAGE_MEMBERS))
