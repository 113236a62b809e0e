"""The API of organizations, members, keys and the audit trail."""

from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, IsoDateTimeFilter
from rest_framework import serializers

from tenants import services
from tenants.choices import AuditAction, Role
from tenants.models import ApiKey, AuditEntry, Membership, Organization
from tenants.permissions import Right, member_of
from tenants.querysets import CurrentOrganization
from toolkit.api.filters import BooleanFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import CreateMixin, ReadViewSet, RemoveMixin, UpdateMixin


class OrganizationSerializer(StrictModelSerializer[Organization]):
    """The organization in force."""

    class Meta:
        model = Organization
        fields = ("id", "name", "slug", "created_at")


class OrganizationViewSet(ReadViewSet[Organization]):
    """One's own organization; no other exists."""

    queryset = Organization.objects.filter(pk=CurrentOrganization())
    serializer_class = OrganizationSerializer


class MemberSerializer(StrictModelSerializer[Membership]):
    """A member. Reads only what the view's queryset loads."""

    class Meta:
        model = Membership
        fields = ("id", "version", "email", "name", "role", "is_active")
        create_only_fields = ("email", "name")
        extra_kwargs = {"is_active": {"default": True}}


class MemberFilterSet(FilterSet):
    """Filters of members."""

    role = ChoiceFilter(choices=Role.choices)
    is_active = BooleanFilter()


class MemberViewSet(ReadViewSet[Membership], CreateMixin, UpdateMixin):
    """The people in the organization; one who leaves is made inactive."""

    queryset = Membership.objects.all()
    serializer_class = MemberSerializer
    filterset_class = MemberFilterSet
    write_right = Right.MANAGE_MEMBERS
    store = staticmethod(services.save_member)

    def add(self, values: dict[str, Any]) -> Membership:
        """Add a person, who signs in with the password she has or sets later."""
        return services.add_member(email=values["email"], name=values["name"], role=values["role"])


class ApiKeySerializer(StrictModelSerializer[ApiKey]):
    """A key, without its text."""

    class Meta:
        model = ApiKey
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "version",
            "membership",
            "name",
            "scope",
            "prefix",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        )
        extra_kwargs = {
            "membership": {"required": False, "help_text": _("Yourself, unless you say who.")}
        }


class NewApiKeySerializer(ApiKeySerializer):
    """A key at the one moment at which its text can be read."""

    key = serializers.CharField(read_only=True, help_text=_("Shown once; it is not stored."))

    class Meta(ApiKeySerializer.Meta):
        fields = (*ApiKeySerializer.Meta.fields, "key")


class ApiKeyFilterSet(FilterSet):
    """Filters of keys."""

    membership = IdFilter()
    revoked = BooleanFilter("revoked_at", "isnull", exclude=True)


class ApiKeyViewSet(ReadViewSet[ApiKey], CreateMixin, RemoveMixin):
    """Keys with which programs act as a member; deleting one revokes it."""

    queryset = ApiKey.objects.all()
    filterset_class = ApiKeyFilterSet
    read_right = Right.MANAGE_MEMBERS
    write_right = Right.MANAGE_MEMBERS
    secret_actions = frozenset({"create", "bulk"})

    def get_serializer_class(self) -> type[ApiKeySerializer]:
        """Show the text to who creates the key, and to nobody else."""
        return NewApiKeySerializer if self.action == "create" else ApiKeySerializer

    def add(self, values: dict[str, Any]) -> ApiKey:
        """Create the key and put its text beside it, for this one answer."""
        key, text = services.create_api_key(**{"membership": member_of(self.request)} | values)
        key.key = text  # type: ignore[attr-defined]
        return key

    @staticmethod
    def remove(key: ApiKey) -> None:
        """Revoke the key."""
        services.revoke_api_key(key=key, at=timezone.now())


class AuditEntrySerializer(StrictModelSerializer[AuditEntry]):
    """One change of one row."""

    actor = serializers.UUIDField(source="actor_id", read_only=True, allow_null=True)
    row = serializers.UUIDField(source="row_id", read_only=True)

    class Meta:
        model = AuditEntry
        fields = (
            "id",
            "at",
            "actor",
            "door",
            "request_id",
            "table",
            "row",
            "action",
            "before",
            "after",
        )


class AuditEntryFilterSet(FilterSet):
    """Filters of the audit trail."""

    table = CharFilter()
    row = IdFilter("row_id")
    actor = IdFilter("actor_id")
    action = ChoiceFilter(choices=AuditAction.choices)

    @classmethod
    def get_filters(cls) -> dict[str, Any]:
        """Return the filters; two of them have words of Python for names."""
        return {
            **super().get_filters(),
            "from": IsoDateTimeFilter("at", "gte"),
            "to": IsoDateTimeFilter("at", "lt"),
        }


class AuditEntryViewSet(ReadViewSet[AuditEntry]):
    """Who changed what, when and through which door; newest first."""

    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filterset_class = AuditEntryFilterSet
    orderings = ("-id",)
    read_right = Right.READ_AUDIT
