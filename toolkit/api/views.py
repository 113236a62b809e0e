"""The endpoints' base: one organization's rows, read by key, written by services."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, mixins, viewsets
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

ModelT = TypeVar("ModelT", bound=models.Model)


class StaleEdit(exceptions.APIException):
    """The row is no longer the one that ``If-Match`` names. Source: RFC 9110 section 13.1.1."""

    status_code = 412
    default_detail = _("Somebody else changed this after you read it. Read it again.")
    default_code = "stale_edit"


class ReadViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[ModelT]
):
    """Serve the rows of the organization in force; other rows do not exist (404).

    A view that also writes adds the mixins of Django REST framework behind this class. It names
    the right that writing needs and the services that do it, and its permissions judge a row
    before and after the change.
    """

    orderings: ClassVar[tuple[str, ...]] = ("id",)
    """The sort columns that may be asked for, NOT NULL; the first is the default."""
    read_right: ClassVar[str | None] = None
    """What reading needs beyond membership."""
    write_right: ClassVar[str | None] = None
    """What writing needs; without one nothing is written here."""
    store: "ClassVar[staticmethod[[Any], Any]]"
    remove: "ClassVar[staticmethod[[Any], None]]"

    def get_object(self) -> ModelT:
        """Return the row of the path; in a write, the one that ``If-Match`` allows to change.

        :raises StaleEdit: if it has another version.
        """
        instance: ModelT = super().get_object()
        if self.request.method not in SAFE_METHODS:
            _refuse_stale(self.request, instance)
        return instance

    def perform_create(self, serializer: BaseSerializer[ModelT]) -> None:
        """Hand a new row to the service."""
        self._store(self.get_queryset().model(), serializer)

    def perform_update(self, serializer: BaseSerializer[ModelT]) -> None:
        """Hand the changed row to the service."""
        assert serializer.instance is not None
        self._store(serializer.instance, serializer)

    def perform_destroy(self, instance: ModelT) -> None:
        """Hand the row to the service."""
        self.remove(instance)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Name the version of a single row in an ``ETag``."""
        if isinstance(response.data, Mapping) and "version" in response.data:
            response.headers["ETag"] = _etag(response.data["version"])
        return super().finalize_response(request, response, *args, **kwargs)

    def _store(self, instance: ModelT, serializer: BaseSerializer[ModelT]) -> None:
        for name, value in serializer.validated_data.items():
            setattr(instance, name, value)
        self.check_object_permissions(self.request, instance)
        serializer.instance = self.store(instance)


class TenantViewSet(
    ReadViewSet[ModelT], mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin
):
    """Serve and write the rows of the organization in force."""


def _refuse_stale(request: Request, instance: models.Model) -> None:
    allowed = parse_etags(request.headers.get("If-Match", "*"))
    current = _etag(getattr(instance, "version", ""))
    if allowed != ["*"] and current not in allowed:
        raise StaleEdit


def _etag(version: int | str) -> str:
    return f'"{version}"'
