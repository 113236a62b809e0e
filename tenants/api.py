"""The API of organizations, members, keys and the audit trail."""

from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, IsoDateTimeFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import services
from tenants.choices import AuditAction, Role
from tenants.models import ApiKey, AuditEntry, Membership, Organization, User
from tenants.permissions import (
    MembershipPermission,
    Right,
    identity_of,
    may,
    may_invite,
    member_of,
)
from tenants.querysets import CurrentOrganization
from toolkit.api.filters import BooleanFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
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
    """A member. Reads only what ``MembershipQuerySet.with_invitation`` loads."""

    joined = serializers.BooleanField(
        source="has_joined", read_only=True, help_text=_("Whether she accepted an invitation.")
    )
    invited_at = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text=_("When the invitation was sent that is still open."),
    )
    language = serializers.ChoiceField(
        choices=settings.LANGUAGES,
        required=False,
        write_only=True,
        help_text=_("The language of the invitation; your own, unless you say which."),
    )

    class Meta:
        model = Membership
        fields = (
            "id",
            "version",
            "email",
            "name",
            "role",
            "is_active",
            "joined",
            "invited_at",
            "language",
        )
        create_only_fields = ("email", "name", "language")
        extra_kwargs = {"is_active": {"default": True}}


class InvitationSerializer(StrictSerializer):
    """How to invite a member again."""

    language = serializers.ChoiceField(
        choices=settings.LANGUAGES,
        required=False,
        help_text=_("The language of the invitation; your own, unless you say which."),
    )


class MemberFilterSet(FilterSet):
    """Filters of members."""

    role = ChoiceFilter(choices=Role.choices)
    is_active = BooleanFilter()


class MayInvite(MembershipPermission):
    """Leaders invite those who do the work; all else about members takes the right to manage."""

    def has_object_permission(self, request: Request, view: Any, obj: Membership) -> bool:
        """Return whether the member may be read or written."""
        identity = identity_of(request)
        if request.method in SAFE_METHODS or may(identity, Right.MANAGE_MEMBERS):
            return True
        invites = obj._state.adding or view.action in view.inviting_actions
        return invites and may_invite(identity, obj.role)


class MemberViewSet(ReadViewSet[Membership], CreateMixin, UpdateMixin):
    """The people in the organization; one who leaves is made inactive."""

    queryset = Membership.objects.with_invitation()
    serializer_class = MemberSerializer
    filterset_class = MemberFilterSet
    permission_classes = [MayInvite]
    write_right = Right.INVITE
    inviting_actions = frozenset({"invite", "withdraw_invitation"})
    store = staticmethod(services.save_member)

    def add(self, values: dict[str, Any]) -> Membership:
        """Invite a person, by mail: she joins by the link in it.

        The answer is the same whether she has signed in elsewhere or not.
        """
        language = values.pop("language", None)
        self.check_object_permissions(self.request, Membership(role=values["role"]))
        member, _ticket = services.invite_person(
            services.Person(values["email"], name=values["name"], role=values["role"]),
            by=member_of(self.request),
            at=timezone.now(),
            language=language or self._language(),
        )
        return self._as_it_is(member)

    def change(self, instance: Membership, values: dict[str, Any]) -> Membership:
        """Save the member; her invitation may have ended with it."""
        return self._as_it_is(super().change(instance, values))

    @extend_schema(responses=MemberSerializer)
    @action(detail=True, methods=["post"], serializer_class=InvitationSerializer)
    def invite(self, request: Request, pk: str) -> Response:
        """Invite a member who has not joined yet, once more: the latest letter counts."""
        member = self.get_object()
        services.invite_member(
            member,
            by=member_of(request),
            at=timezone.now(),
            language=self.body().get("language", self._language()),
        )
        return Response(MemberSerializer(self._as_it_is(member)).data)

    @extend_schema(request=None, responses=MemberSerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="withdraw-invitation",
        serializer_class=StrictSerializer,
    )
    def withdraw_invitation(self, request: Request, pk: str) -> Response:
        """Let the link of an invitation stop working; the member stays."""
        member = self.get_object()
        self.body()
        services.withdraw_invitation(member, at=timezone.now())
        return Response(MemberSerializer(self._as_it_is(member)).data)

    def _as_it_is(self, member: Membership) -> Membership:
        return self.get_queryset().get(pk=member.pk)

    def _language(self) -> str:
        user = self.request.user
        assert isinstance(user, User)
        return user.language


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
