"""The endpoints' base: one organization's rows, read by key, written by services."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from django.db import models
from rest_framework import mixins, viewsets
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from toolkit.api.bulk import BulkMixin
from toolkit.api.filters import refuse_unknown
from toolkit.api.paging import PAGING_PARAMETERS
from toolkit.api.preconditions import check_if_match, etag
from toolkit.api.serializers import StrictSerializer

ModelT = TypeVar("ModelT", bound=models.Model)


class StrictViewSet(viewsets.ViewSetMixin):
    """Takes the parameters that an operation declares, and refuses every other."""

    query_serializer_class: ClassVar[type[StrictSerializer] | None] = None
    """The parameters of an operation that is no list; ``query`` reads them."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse parameters that nobody declared, once it is clear who asks.

        :raises ValidationError: for the first of them.
        """
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if str(request.method).lower() in self.action_map:
            refuse_unknown(request.query_params, self.known_parameters())

    @property
    def allowed_methods(self) -> list[str]:
        """Return what a path takes. What it is for stands in the document, not behind OPTIONS."""
        methods: list[str] = super().allowed_methods  # type: ignore[misc]
        return [method for method in methods if method != "OPTIONS"]

    def known_parameters(self) -> set[str]:
        """Return the names of the parameters that the operation takes."""
        serializer_class = self.query_serializer_class
        return set(serializer_class().fields) if serializer_class else set()

    def query(self) -> dict[str, Any]:
        """Return the checked parameters."""
        assert self.query_serializer_class is not None
        given = self.request.query_params.dict()  # type: ignore[attr-defined]
        query = self.query_serializer_class(data=given)
        query.is_valid(raise_exception=True)
        values: dict[str, Any] = query.validated_data
        return values


class ReadViewSet(
    StrictViewSet,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[ModelT],
):
    """Serve the rows of the organization in force; other rows do not exist (404).

    A view that also writes adds ``CreateMixin``, ``UpdateMixin`` or ``RemoveMixin`` behind this
    class. It names the right that writing needs and the services that do it, and its permissions
    judge a row before and after the change.
    """

    orderings: ClassVar[tuple[str, ...]] = ("id",)
    """The sort columns that may be asked for, NOT NULL; the first is the default."""
    read_right: ClassVar[str | None] = None
    """What reading needs beyond membership."""
    write_right: ClassVar[str | None] = None
    """What writing needs; without one nothing is written here."""
    secret_actions: ClassVar[frozenset[str]] = frozenset()
    """The actions whose answers hold what is shown once: nobody may keep them."""
    store: "ClassVar[staticmethod[[Any], Any]]"
    remove: "ClassVar[staticmethod[[Any], Any]]"

    def known_parameters(self) -> set[str]:
        """Return those of the operation; a list is filtered, sorted and paged."""
        if self.detail or self.request.method not in SAFE_METHODS or self.query_serializer_class:
            return super().known_parameters()
        filterset_class = getattr(self, "filterset_class", None)
        paging = PAGING_PARAMETERS if self.pagination_class else set()
        return set(getattr(filterset_class, "base_filters", ())) | paging

    def get_object(self) -> ModelT:
        """Return the row of the path; in a write locked, and the version that may be changed.

        :raises VersionRequired: if an update or removal names no version.
        :raises StaleEdit: if the row has another one.
        """
        rows = self.get_queryset()
        writing = self.request.method not in SAFE_METHODS
        if writing:
            rows = self.locked(rows)
        instance: ModelT = get_object_or_404(rows, pk=self.kwargs["pk"])
        self.check_object_permissions(self.request, instance)
        if writing:
            check_if_match(self.request, instance)
        return instance

    @staticmethod
    def locked(rows: "models.QuerySet[ModelT]") -> "models.QuerySet[ModelT]":
        """Hold up other writers of the same rows, but not who only points to them."""
        return rows.select_for_update(of=("self",), no_key=True)

    def body(self) -> dict[str, Any]:
        """Return the checked body of an action."""
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    def add(self, values: dict[str, Any]) -> ModelT:
        """Hand a new row to the service, and return it."""
        return self.change(self.get_queryset().model(), values)

    def change(self, instance: ModelT, values: dict[str, Any]) -> ModelT:
        """Hand a changed row to the service, and return it."""
        for name, value in values.items():
            setattr(instance, name, value)
        self.check_object_permissions(self.request, instance)
        stored: ModelT = self.store(instance)
        return stored

    def perform_create(self, serializer: BaseSerializer[ModelT]) -> None:
        """Hand a new row to the service."""
        serializer.instance = self.add(serializer.validated_data)

    def perform_update(self, serializer: BaseSerializer[ModelT]) -> None:
        """Hand the changed row to the service."""
        assert serializer.instance is not None
        serializer.instance = self.change(serializer.instance, serializer.validated_data)

    def perform_destroy(self, instance: ModelT) -> None:
        """Hand the row to the service."""
        self.remove(instance)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Name the version of a single row in an ``ETag``; let nobody keep a secret."""
        data = getattr(response, "data", None)  # a file has none
        if isinstance(data, Mapping) and "version" in data:
            response.headers["ETag"] = etag(data["version"])
        if getattr(self, "action", None) in self.secret_actions:
            response.headers["Cache-Control"] = "no-store"
        return super().finalize_response(request, response, *args, **kwargs)


class CreateMixin(BulkMixin, mixins.CreateModelMixin):
    """Rows are added, one by one or many in a call."""


class UpdateMixin(BulkMixin, mixins.UpdateModelMixin):
    """Rows are changed, one by one or many in a call."""


class RemoveMixin(BulkMixin, mixins.DestroyModelMixin):
    """Rows are removed, one by one or many in a call."""


class TenantViewSet(ReadViewSet[ModelT], CreateMixin, UpdateMixin, RemoveMixin):
    """Serve and write the rows of the organization in force."""
