"""The API of accounts, contacts and working agreements."""

from operator import attrgetter

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import consents, imports, services
from accounts.attributes import LONGEST, MOST
from accounts.choices import (
    AttributeKind,
    Complexity,
    ConsentSource,
    ConsentState,
    Stage,
    Tier,
)
from accounts.models import (
    CONTRACT_DATES,
    Account,
    AccountAttribute,
    Contact,
    ContactConsent,
    WorkingAgreement,
)
from accounts.querysets import AccountQuerySet
from regions.access import Place, WorksThere
from tenants.permissions import Right, member_of
from toolkit.api.files import XLSX, CsvRenderer, XlsxRenderer, file_response
from toolkit.api.filters import BooleanFilter, FilterSet, IdFilter
from toolkit.api.renderers import OrjsonRenderer
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import CreateMixin, ReadViewSet, TenantViewSet, UpdateMixin
from toolkit.tables import FileKind


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MOST,
        "additionalProperties": {
            "oneOf": [
                {"type": "string", "minLength": 1, "maxLength": LONGEST},
                {"type": "number"},
                {"type": "boolean"},
            ]
        },
        "description": "A value for each declared attribute that is known, by its key.",
        "example": {"contract_type": "Frame contract", "seats": 250, "on_premises": False},
    }
)
class AttributesField(serializers.DictField):
    """Values by the keys of declared attributes; the service judges them."""


class AccountSerializer(StrictModelSerializer[Account]):
    """A customer company. Reads only what ``AccountQuerySet.for_list`` loads."""

    market_name = serializers.CharField(source="market.name", read_only=True)
    owner_name = serializers.CharField(source="owner.name", read_only=True, allow_null=True)
    attributes = AttributesField(required=False)

    class Meta:
        model = Account
        fields = (
            "id",
            "version",
            "market",
            "market_name",
            "name",
            "external_id",
            "tier",
            "stage",
            "owner",
            "owner_name",
            "city",
            "start_date",
            *CONTRACT_DATES,
            "arr",
            "currency",
            "complexity",
            "attributes",
            "archived_at",
            "created_at",
        )
        # Without an external id it is null: an empty text could be there only once.
        extra_kwargs = {"external_id": {"allow_blank": False}}


class AccountFilterSet(FilterSet):
    """Filters of accounts."""

    market = IdFilter()
    region = IdFilter("market__region")
    owner = IdFilter()
    tier = ChoiceFilter(choices=Tier.choices)
    stage = ChoiceFilter(choices=Stage.choices)
    complexity = ChoiceFilter(choices=Complexity.choices)
    archived = BooleanFilter("archived_at", "isnull", exclude=True)
    name = CharFilter(method="by_name", label="The beginning of the name, in any case.")

    def by_name(self, accounts: AccountQuerySet, _name: str, value: str) -> AccountQuerySet:
        """Keep the accounts whose name begins with ``value``."""
        return accounts.named_like(value)

    def keep_all(self, accounts: AccountQuerySet, _name: str, _value: str) -> AccountQuerySet:
        """Keep all accounts: the kind of a file is no filter."""
        return accounts


AccountExportFilterSet: type[AccountFilterSet] = type(
    "AccountExportFilterSet",
    (AccountFilterSet,),
    # A word of the language, so that no class body can name it.
    {
        "as": ChoiceFilter(
            choices=[(kind.value, kind.value) for kind in FileKind], method="keep_all"
        )
    },
)


class AccountViewSet(ReadViewSet[Account], CreateMixin, UpdateMixin):
    """Customer companies, by name; one that leaves is archived."""

    queryset: QuerySet[Account] = Account.objects.for_list()
    serializer_class = AccountSerializer
    filterset_class = AccountFilterSet
    orderings = ("search_name", "id")
    permission_classes = [WorksThere]
    place_of = attrgetter("market")
    write_right = Right.EDIT_ACCOUNTS
    store = staticmethod(services.save_account)

    @extend_schema(
        filters=True,
        responses={(200, media): OpenApiTypes.BINARY for media in ("text/csv", XLSX)},
    )
    @action(
        detail=False,
        filterset_class=AccountExportFilterSet,
        pagination_class=None,
        renderer_classes=[OrjsonRenderer, CsvRenderer, XlsxRenderer],
    )
    def export(self, request: Request) -> HttpResponse:
        """Download the accounts that the filters keep, as a file that imports again unchanged."""
        accounts = self.filter_queryset(self.get_queryset()).order_by("search_name", "pk")
        kind = FileKind(request.query_params.get("as", FileKind.CSV))
        return file_response(imports.accounts_file(accounts, kind=kind))

    @extend_schema(request=None, responses=AccountSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def archive(self, request: Request, pk: str) -> Response:
        """Stop working on an account; its history stays."""
        account = self.get_object()
        self.body()
        account = services.archive_account(account, at=timezone.now())
        return Response(AccountSerializer(account).data)

    @extend_schema(request=None, responses=AccountSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def restore(self, request: Request, pk: str) -> Response:
        """Work on an archived account again."""
        account = self.get_object()
        self.body()
        return Response(AccountSerializer(services.restore_account(account)).data)


class AccountAttributeSerializer(StrictModelSerializer[AccountAttribute]):
    """An attribute that accounts may have."""

    class Meta:
        model = AccountAttribute
        fields = ("id", "version", "key", "name", "kind", "choices", "archived_at")
        create_only_fields = ("key", "kind")


class AccountAttributeFilterSet(FilterSet):
    """Filters of declared attributes."""

    kind = ChoiceFilter(choices=AttributeKind.choices)
    archived = BooleanFilter("archived_at", "isnull", exclude=True)


class AccountAttributeViewSet(ReadViewSet[AccountAttribute], CreateMixin, UpdateMixin):
    """What accounts may say beyond our own fields; an attribute that is given up is archived."""

    queryset = AccountAttribute.objects.all()
    serializer_class = AccountAttributeSerializer
    filterset_class = AccountAttributeFilterSet
    orderings = ("name", "key")
    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_attribute)

    @staticmethod
    def place_of(_attribute: AccountAttribute) -> Place:
        """Return the whole organization: all its accounts have the same attributes."""
        return None

    @extend_schema(request=None, responses=AccountAttributeSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def archive(self, request: Request, pk: str) -> Response:
        """Ask for an attribute no longer; accounts keep what they say of it."""
        attribute = self.get_object()
        self.body()
        attribute = services.archive_attribute(attribute, at=timezone.now())
        return Response(AccountAttributeSerializer(attribute).data)

    @extend_schema(request=None, responses=AccountAttributeSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def restore(self, request: Request, pk: str) -> Response:
        """Ask for an archived attribute again."""
        attribute = self.get_object()
        self.body()
        return Response(AccountAttributeSerializer(services.restore_attribute(attribute)).data)


class ContactSerializer(StrictModelSerializer[Contact]):
    """A person at a customer company."""

    class Meta:
        model = Contact
        fields = (
            "id",
            "version",
            "account",
            "name",
            "email",
            "phone",
            "language",
            "role",
            "preferred_channel",
            "is_primary",
        )
        create_only_fields = ("account",)


class AccountPartFilterSet(FilterSet):
    """Filters of what belongs to an account."""

    account = IdFilter()


class ContactConsentSerializer(StrictModelSerializer[ContactConsent]):
    """That a person wants automatic messages, or does not; the latest of an address holds."""

    class Meta:
        model = ContactConsent
        fields = (
            "id",
            "account",
            "email",
            "name",
            "state",
            "source",
            "how",
            "noted_at",
            "noted_by",
        )
        read_only_fields = fields


class NewConsentSerializer(StrictSerializer):
    """Whether she wants them, and how she said so."""

    state = serializers.ChoiceField(ConsentState.choices)
    how = serializers.CharField(max_length=300)


class ContactConsentFilterSet(AccountPartFilterSet):
    """Filters of consents."""

    email = CharFilter("email", lookup_expr="iexact")
    state = ChoiceFilter(choices=ConsentState.choices)


class ContactConsentViewSet(ReadViewSet[ContactConsent]):
    """Who gave and withdrew consent to automatic messages, and how; the newest first."""

    queryset = ContactConsent.objects.select_related("account__market")
    serializer_class = ContactConsentSerializer
    filterset_class = ContactConsentFilterSet
    orderings = ("-noted_at", "-id")


class ContactViewSet(TenantViewSet[Contact]):
    """The people at customer companies."""

    queryset = Contact.objects.select_related("account__market")
    serializer_class = ContactSerializer
    filterset_class = AccountPartFilterSet
    permission_classes = [WorksThere]
    place_of = attrgetter("account.market")
    write_right = Right.EDIT_ACCOUNTS
    store = staticmethod(services.save_contact)
    remove = staticmethod(services.remove_contact)

    @extend_schema(responses={201: ContactConsentSerializer})
    @action(detail=True, methods=["post"], serializer_class=NewConsentSerializer)
    def consent(self, request: Request, pk: str) -> Response:
        """Note that the contact gave or withdrew consent to automatic messages."""
        contact = self.get_object()
        noted = consents.note_consent(
            contact=contact,
            by=member_of(request),
            at=timezone.now(),
            source=ConsentSource.API,
            **self.body(),
        )
        return Response(ContactConsentSerializer(noted).data, status=201)


class WorkingAgreementSerializer(StrictModelSerializer[WorkingAgreement]):
    """What one customer agreed with us."""

    class Meta:
        model = WorkingAgreement
        fields = (
            "id",
            "version",
            "account",
            "every",
            "unit",
            "weekdays",
            "channel",
            "hours_from",
            "hours_to",
            "language",
            "decides",
            "escalation",
            "agreed_with",
            "agreed_on",
        )
        create_only_fields = ("account",)


class WorkingAgreementViewSet(TenantViewSet[WorkingAgreement]):
    """What customers agreed with us; planning obeys it."""

    queryset = WorkingAgreement.objects.select_related("account__market")
    serializer_class = WorkingAgreementSerializer
    filterset_class = AccountPartFilterSet
    permission_classes = [WorksThere]
    place_of = attrgetter("account.market")
    write_right = Right.EDIT_ACCOUNTS
    store = staticmethod(services.save_agreement)
    remove = staticmethod(services.remove_agreement)
