"""Every write on API keys."""

from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from tenants.authentication import hash_key, new_key
from tenants.choices import Scope
from tenants.models import ApiKey, Membership
from tenants.services.members import MemberInactive


def create_api_key(
    *, membership: Membership, name: str, scope: Scope, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Create a key and return it with its text, which is not stored and never shown again.

    :raises MemberInactive: if the member may not sign in.
    """
    if not membership.is_active:
        raise MemberInactive(_("%(name)s is inactive.") % {"name": membership})
    text = new_key()
    key = ApiKey.objects.create(
        membership=membership,
        name=name,
        scope=scope,
        prefix=text[:8],
        hash=hash_key(text),
        expires_at=expires_at,
    )
    return key, text


def revoke_api_key(*, key: ApiKey, at: datetime) -> None:
    """Refuse the key from now on."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(
        revoked_at=at, version=F("version") + 1
    )
