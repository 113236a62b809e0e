"""The API of what members are written."""

from engagement import services
from engagement.models import LetterPreference
from tenants.permissions import Right, WritesOwn
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import TenantViewSet


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
    permission_classes = [WritesOwn]
    write_right = Right.WORK
    store = staticmethod(services.save_preference)
    remove = staticmethod(services.remove_preference)
