"""The API of imports: upload a file, look at it, correct it, check it, write it."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import imports, tasks
from accounts.models import AccountImport, ImportProblem
from tenants.permissions import Right, member_of
from toolkit.api.files import XLSX, CsvBodyParser, FilePartParser, XlsxBodyParser
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.parsers import StrictJSONParser
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import ReadViewSet


@extend_schema_field(OpenApiTypes.OBJECT)
class ProgressField(serializers.Field[Any, Any, Any, Any]):
    """How far a worker is: ``{"step", "done", "total"}``, or null where that is not known."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value: AccountImport) -> dict[str, Any] | None:
        """Return it as an object."""
        known = imports.progress_of(value)
        if known is None:
            return None
        return {"step": known.step, "done": known.done, "total": known.total}


class AccountImportSerializer(StrictModelSerializer[AccountImport]):
    """A file of accounts on its way in."""

    created_by_name = serializers.CharField(source="created_by.name", read_only=True)
    progress = ProgressField()

    class Meta:
        model = AccountImport
        fields = (
            "id",
            "version",
            "name",
            "size",
            "status",
            "options",
            "rows",
            "new_rows",
            "changed_rows",
            "unchanged_rows",
            "left_out_rows",
            "bad_rows",
            "additions",
            "failure",
            "progress",
            "created_by",
            "created_by_name",
            "created_at",
            "checked_at",
            "finished_at",
        )
        read_only_fields = tuple(name for name in fields if name != "options")

    def validate_options(self, value: Any) -> dict[str, Any]:
        """Return all options, those given changed."""
        assert self.instance is not None
        if not isinstance(value, dict):
            raise serializers.ValidationError(_("Give an object."))
        return imports.options_of(self.instance).changed(value).as_json()


class UploadSerializer(StrictSerializer):
    """The form with which a file is uploaded."""

    file = serializers.FileField(help_text="CSV or XLSX, at most 30 MB.")


class ColumnSerializer(serializers.Serializer[Any]):
    """A column of the file; without a field it is not imported."""

    header = serializers.CharField()
    field = serializers.CharField()
    samples = serializers.ListField(child=serializers.CharField())


class CountrySerializer(serializers.Serializer[Any]):
    """A value of the country column, and where its accounts go; empty: to be chosen."""

    value = serializers.CharField()
    count = serializers.IntegerField()
    choice = serializers.CharField()


class OwnerSerializer(serializers.Serializer[Any]):
    """An owner in the file; who is no member is prepared as one."""

    email = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()
    is_member = serializers.BooleanField()


class TierSerializer(serializers.Serializer[Any]):
    """Where tier 1 and tier 2 begin, and how many accounts and how much revenue each tier has."""

    currency = serializers.CharField()
    floors = serializers.ListField(
        child=serializers.DecimalField(max_digits=15, decimal_places=2), min_length=2, max_length=2
    )
    counts = serializers.ListField(child=serializers.IntegerField())
    shares = serializers.ListField(child=serializers.IntegerField())


class FieldNamesField(serializers.ListField):
    """Columns, by the names of their fields."""

    child = serializers.CharField()

    def to_representation(self, data: Any) -> list[str]:
        """Return the names."""
        return [column.field for column in data]


class ProposalSerializer(serializers.Serializer[Any]):
    """What a file seems to hold, and what it would become."""

    about = serializers.CharField(
        source="trouble.about",
        default=None,
        allow_null=True,
        help_text="What has to be told before the file can be read: encoding, delimiter or sheet.",
    )
    reason = serializers.CharField(source="trouble", default=None, allow_null=True)
    offers = serializers.ListField(
        source="trouble.offers", default=list, child=serializers.CharField()
    )
    kind = serializers.CharField(source="table.kind", default="")
    encoding = serializers.CharField(source="table.encoding", default="")
    delimiter = serializers.CharField(source="table.delimiter", default="", trim_whitespace=False)
    sheet = serializers.CharField(source="table.sheet", default="")
    sheets = serializers.ListField(
        source="table.sheets", default=list, child=serializers.CharField()
    )
    rows = serializers.IntegerField()
    columns = ColumnSerializer(many=True)
    missing = FieldNamesField(help_text="What a new account needs and no column gives.")
    doubtful = FieldNamesField(help_text="What several columns of one title could give.")
    date_formats = serializers.ListField(child=serializers.CharField())
    asks_date_format = serializers.BooleanField()
    asks_number_format = serializers.BooleanField()
    countries = CountrySerializer(many=True)
    owners = OwnerSerializer(many=True)
    tiers = TierSerializer(many=True)
    default_currency = serializers.CharField()
    is_complete = serializers.BooleanField()


class AccountImportViewSet(ReadViewSet[AccountImport]):
    """Files of accounts, the latest first: uploaded, corrected, checked whole, written whole."""

    queryset: QuerySet[AccountImport] = AccountImport.objects.defer("content").select_related(
        "created_by"
    )
    serializer_class = AccountImportSerializer
    orderings = ("-created_at", "id")
    write_right = Right.EDIT_ACCOUNTS
    parser_classes = [StrictJSONParser, FilePartParser, CsvBodyParser, XlsxBodyParser]

    @extend_schema(
        request={
            "multipart/form-data": UploadSerializer,
            "text/csv": OpenApiTypes.BINARY,
            XLSX: OpenApiTypes.BINARY,
        },
        responses={201: AccountImportSerializer},
    )
    def create(self, request: Request) -> Response:
        """Upload a file, as the body or as the part ``file`` of a form. Nothing is written yet."""
        upload = UploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        file: UploadedFile[bytes] = upload.validated_data["file"]
        made = imports.upload(content=file.read(), name=file.name or "", by=member_of(request))
        return Response(self._shown(made), status=status.HTTP_201_CREATED)

    @staticmethod
    def locked(rows: QuerySet[AccountImport]) -> QuerySet[AccountImport]:
        """Leave locking to the services: they do not wait for a worker, but say that it is busy."""
        return rows

    @extend_schema(request={"application/json": AccountImportSerializer})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say how the file is to be read and what its values mean; it is to be checked then."""
        instance = self.get_object()
        serializer = self.get_serializer(instance, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data.get("options", instance.options)
        options = imports.ImportOptions.from_json(values)
        return Response(self._shown(imports.configure(instance, options=options)))

    @extend_schema(responses=ProposalSerializer)
    @action(detail=True)
    def proposal(self, request: Request, pk: str) -> Response:
        """Look at the file: columns, markets, owners, tiers, and what has to be told."""
        return Response(ProposalSerializer(imports.propose(self.get_object())).data)

    @extend_schema(request=None, responses=AccountImportSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def check(self, request: Request, pk: str) -> Response:
        """Check the whole file; a large one in the background (status ``checking``)."""
        return self._ask(request, imports.check)

    @extend_schema(request=None, responses=AccountImportSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def apply(self, request: Request, pk: str) -> Response:
        """Write what was checked, whole or not at all; a large file in the background."""
        return self._ask(request, imports.apply)

    @extend_schema(request=None, responses=AccountImportSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def cancel(self, request: Request, pk: str) -> Response:
        """Give it up before anything is written."""
        made = self.get_object()
        self.body()
        return Response(self._shown(imports.cancel(made)))

    def _ask(self, request: Request, service: Any) -> Response:
        found = self.get_object()
        self.body()
        made = service(found, by=member_of(request), at=timezone.localtime())
        tasks.wake_on_commit(made)
        return Response(self._shown(made))

    def _shown(self, made: AccountImport) -> dict[str, Any]:
        return dict(AccountImportSerializer(made).data)


class ImportProblemSerializer(StrictModelSerializer[ImportProblem]):
    """A value that cannot be taken: row and column as a spreadsheet shows them, and why."""

    class Meta:
        model = ImportProblem
        fields = ("id", "account_import", "number", "row", "column", "value", "reason")
        read_only_fields = fields


class ImportProblemFilterSet(FilterSet):
    """Filters of problems."""

    account_import = IdFilter()


class ImportProblemViewSet(ReadViewSet[ImportProblem]):
    """What is wrong with the rows of a file, in their order."""

    queryset: QuerySet[ImportProblem] = ImportProblem.objects.all()
    serializer_class = ImportProblemSerializer
    filterset_class = ImportProblemFilterSet
    orderings = ("number", "id")
