"""The API of agreements shared with customers: links, and what is proposed by them."""

from operator import attrgetter
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts import sharing
from accounts.choices import ProposalStatus
from accounts.models import AgreementLink, AgreementProposal
from accounts.querysets import AgreementLinkQuerySet
from regions.access import WorksThere
from tenants import letters
from tenants.permissions import Right, member_of
from toolkit.api.fields import StrictBooleanField, StrictIntegerField
from toolkit.api.filters import BooleanFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import ReadViewSet

AGREEMENT_PARTS = [(part, part) for part in sharing.PARTS]


class AgreementLinkSerializer(StrictModelSerializer[AgreementLink]):
    """A link by which a contact sees what was agreed, without its address."""

    account_name = serializers.CharField(source="account.name", read_only=True)

    class Meta:
        model = AgreementLink
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "version",
            "account",
            "account_name",
            "contact",
            "contact_name",
            "made_by",
            "made_at",
            "expires_at",
            "revoked_at",
        )
        read_only_fields: ClassVar[tuple[str, ...]] = (
            *("account", "made_by", "made_at", "expires_at"),
        )


class NewAgreementLinkSerializer(AgreementLinkSerializer):
    """A link at the moment at which its address can be read."""

    mail = StrictBooleanField(
        default=False, write_only=True, help_text=_("Write to the contact, in her language.")
    )
    address = serializers.URLField(
        read_only=True,
        allow_null=True,
        help_text=_("Shown once; it is not stored. Null where the contact was written to."),
    )

    class Meta(AgreementLinkSerializer.Meta):
        fields = (*AgreementLinkSerializer.Meta.fields, "mail", "address")
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "contact": {"required": True, "allow_null": False}
        }


class AgreementLinkFilterSet(FilterSet):
    """Filters of links."""

    account = IdFilter()
    contact = IdFilter()
    market = IdFilter("account__market")
    working = BooleanFilter(method="by_working", label=_("Whether it opens the agreement now."))

    def by_working(
        self, links: AgreementLinkQuerySet, _name: str, value: bool
    ) -> AgreementLinkQuerySet:
        """Keep the links that work, or those that do not."""
        now = timezone.now()
        return links.working(at=now) if value else links.over(at=now)


class AgreementLinkViewSet(ReadViewSet[AgreementLink], mixins.CreateModelMixin):
    """Links by which contacts see what was agreed and propose corrections, the newest first.

    A new one ends the earlier ones of the same contact.
    """

    queryset = AgreementLink.objects.select_related("account__market")
    filterset_class = AgreementLinkFilterSet
    orderings = ("-id",)
    permission_classes = [WorksThere]
    place_of = attrgetter("account.market")
    write_right = Right.EDIT_ACCOUNTS
    secret_actions = frozenset({"create"})

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """Show the address to who makes the link, and to nobody else."""
        if self.action == "create":
            return NewAgreementLinkSerializer
        return self.serializer_class or AgreementLinkSerializer

    def add(self, values: dict[str, Any]) -> AgreementLink:
        """Make a link for a contact; its address is in this one answer, or in her letter."""
        contact, mail = values["contact"], values["mail"]
        self.check_object_permissions(self.request, AgreementLink(account=contact.account))
        ticket = sharing.share_agreement(
            contact=contact, by=member_of(self.request), at=timezone.now(), mail=mail
        )
        link = self.get_queryset().get(pk=ticket.link_id)
        link.address = None if mail else letters.address("agreement", ticket.token())  # type: ignore[attr-defined]
        return link

    @extend_schema(request=None, responses=AgreementLinkSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def revoke(self, request: Request, pk: str) -> Response:
        """Let a link stop working; one that ended before stays as it is."""
        link = self.get_object()
        self.body()
        sharing.revoke_link(link, at=timezone.now())
        link.refresh_from_db(fields=["revoked_at", "version"])
        return Response(AgreementLinkSerializer(link).data)


class AgreementProposalSerializer(StrictModelSerializer[AgreementProposal]):
    """What a customer wants to be agreed otherwise."""

    account_name = serializers.CharField(source="account.name", read_only=True)
    market = serializers.UUIDField(source="account.market_id", read_only=True)
    changes = serializers.DictField(
        read_only=True, help_text=_("New values, by the fields of a working agreement.")
    )
    parts = serializers.SerializerMethodField(
        help_text=_("What it changes; each is accepted as a whole.")
    )
    accepted = serializers.ListField(child=serializers.ChoiceField(AGREEMENT_PARTS), read_only=True)

    class Meta:
        model = AgreementProposal
        fields = (
            "id",
            "version",
            "account",
            "account_name",
            "market",
            "contact",
            "proposed_by",
            "proposed_at",
            "based_on",
            "changes",
            "parts",
            "remark",
            "status",
            "accepted",
            "decided_by",
            "decided_at",
            "reason",
        )
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "based_on": {"help_text": _("The version of the agreement that the customer saw.")}
        }

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(AGREEMENT_PARTS)))
    def get_parts(self, proposal: AgreementProposal) -> list[str]:
        """Return what the proposal changes."""
        return sharing.parts_of(proposal)


class AcceptanceSerializer(StrictSerializer):
    """What is accepted, and over which agreement."""

    agreement_version = StrictIntegerField(
        min_value=0,
        help_text=_("Of the working agreement that you compared with; 0 where there was none."),
    )
    parts = serializers.ListField(
        child=serializers.ChoiceField(AGREEMENT_PARTS),
        required=False,
        max_length=len(sharing.PARTS),
        help_text=_("Some of what it changes; all of it unless given."),
    )


class RefusalSerializer(StrictSerializer):
    """Why the agreement stays as it is."""

    reason = serializers.CharField(max_length=500)


class AgreementProposalFilterSet(FilterSet):
    """Filters of proposals."""

    account = IdFilter()
    contact = IdFilter()
    market = IdFilter("account__market")
    region = IdFilter("account__market__region")
    status = ChoiceFilter(choices=ProposalStatus.choices)


class AgreementProposalViewSet(ReadViewSet[AgreementProposal]):
    """What customers want to be agreed otherwise, the newest first; decided on once."""

    queryset = AgreementProposal.objects.select_related("account__market")
    serializer_class = AgreementProposalSerializer
    filterset_class = AgreementProposalFilterSet
    orderings = ("-id",)
    permission_classes = [WorksThere]
    place_of = attrgetter("account.market")
    write_right = Right.EDIT_ACCOUNTS

    @extend_schema(responses=AgreementProposalSerializer)
    @action(detail=True, methods=["post"], serializer_class=AcceptanceSerializer)
    def accept(self, request: Request, pk: str) -> Response:
        """Agree to a proposal, or to parts of it; planning follows."""
        proposal = self.get_object()
        given = self.body()
        sharing.accept_proposal(
            proposal,
            parts=given.get("parts", sharing.parts_of(proposal)),
            seen_version=given["agreement_version"],
            by=member_of(request),
            at=timezone.now(),
        )
        return Response(AgreementProposalSerializer(self.get_queryset().get(pk=pk)).data)

    @extend_schema(responses=AgreementProposalSerializer)
    @action(detail=True, methods=["post"], serializer_class=RefusalSerializer)
    def decline(self, request: Request, pk: str) -> Response:
        """Leave the agreement as it is, with the reason."""
        proposal = sharing.decline_proposal(
            self.get_object(), by=member_of(request), at=timezone.now(), **self.body()
        )
        return Response(AgreementProposalSerializer(proposal).data)
