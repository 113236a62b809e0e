"""The API of what members are written."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from engagement import services
from engagement.models import LetterPreference
from tenants.permissions import MembershipPermission, Right, identity_of, may
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import TenantViewSet


class OwnLetters(MembershipPermission):
    """Everybody who works chooses her own letters; those of others take the right to structure."""

    def has_object_permission(self, request: Request, view: Any, obj: LetterPreference) -> bool:
        """Return whether the preferences may be read or written."""
        identity = identity_of(request)
        own = identity is not None and obj.membership_id == identity.membership_id
        return request.method in SAFE_METHODS or own or may(identity, Right.EDIT_STRUCTURE)


class LetterPreferenceSerializer(StrictModelSerializer[LetterPreference]):
    """Which letters a member wants; a member without has said nothing and gets them all."""

    class Meta:
        model = LetterPreference
        fields = ("id", "version", "membership", "digest", "digest_at", "hand_overs", "mentions")
        create_only_fields = ("membership",)
        extra_kwargs = {
            name: {"default": True, "required": False}
            for name in ("digest", "hand_overs", "mentions")
        }


class LetterPreferenceFilterSet(FilterSet):
    """Filters of preferences."""

    membership = IdFilter()


class LetterPreferenceViewSet(TenantViewSet[LetterPreference]):
    """Who wants which letters, and when in the morning."""

    queryset = LetterPreference.objects.all()
    serializer_class = LetterPreferenceSerializer
    filterset_class = LetterPreferenceFilterSet
    permission_classes = [OwnLetters]
    write_right = Right.WORK
    store = staticmethod(services.save_preference)
    remove = staticmethod(services.remove_preference)
