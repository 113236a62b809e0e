"""Many writes in one call: one answer each, and what they lead to elsewhere drawn once."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from toolkit.api.fields import ReferenceField, StrictBooleanField, StrictIntegerField
from toolkit.api.preconditions import StaleEdit, VersionRequired
from toolkit.api.problems import problem
from toolkit.api.serializers import StrictSerializer
from toolkit.consequences import gathering
from toolkit.uuid7 import uuid_or_none

if TYPE_CHECKING:
    from toolkit.api.views import ReadViewSet

MOST_OPERATIONS = 1000

VIEW_ACTIONS = {"create": "create", "update": "partial_update", "delete": "destroy"}
"""What an operation is called when it comes alone, as an action of the view."""

Answer = dict[str, Any]


class CreateOperationSerializer(StrictSerializer):
    """A new row."""

    action = serializers.CharField()
    values = serializers.DictField()


class DeleteOperationSerializer(StrictSerializer):
    """A row to remove, in the version that was read."""

    action = serializers.CharField()
    id = serializers.UUIDField()
    # Optional here: without it the operation is answered as a request without If-Match.
    version = StrictIntegerField(required=False)


class UpdateOperationSerializer(DeleteOperationSerializer):
    """The fields of a row that change; the others stay."""

    values = serializers.DictField()


_READERS: dict[str, StrictSerializer] = {
    "create": CreateOperationSerializer(),
    "update": UpdateOperationSerializer(),
    "delete": DeleteOperationSerializer(),
}


class BulkSerializer(StrictSerializer):
    """Operations, in the order in which they are carried out."""

    atomic = StrictBooleanField(default=False, help_text=gettext_lazy("All of it or nothing."))
    operations = serializers.ListField(
        child=serializers.DictField(), min_length=1, max_length=MOST_OPERATIONS
    )


class BulkRefused(exceptions.APIException):
    """One of the operations that belong together was refused, so none is done."""

    status_code = 409
    default_detail = gettext_lazy("Nothing was done: an operation was refused.")
    default_code = "bulk_refused"

    def __init__(self, answers: Sequence[Answer]) -> None:
        super().__init__()
        self.extensions = {"results": [_not_done(answer) for answer in answers]}


class BulkMixin:
    """Offers ``bulk`` for the writes that a view has."""

    @action(detail=False, methods=["post"])
    def bulk(self: "ReadViewSet[Any]", request: Request) -> Response:
        """Carry out up to 1,000 operations; each is answered as if it had come alone.

        One that is refused leaves the others as they are, unless all belong together.
        """
        body = BulkSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        answers = _carry_out(self, **body.validated_data)
        return Response({"results": answers})


def bulk_actions(view: object) -> list[str]:
    """Return the operations that a view offers in bulk; none if it offers no ``bulk``."""
    offered = hasattr(view, "bulk")
    return [name for name, own in VIEW_ACTIONS.items() if offered and hasattr(view, own)]


def _carry_out(
    view: "ReadViewSet[Any]", operations: Sequence[Mapping[str, Any]], *, atomic: bool
) -> list[Answer]:
    """Return one answer for each operation, in their order.

    :raises BulkRefused: if one is refused and they are to be atomic.
    """
    with transaction.atomic():
        try:
            with transaction.atomic(), gathering():
                answers = list(_Bulk(view, operations).answers())
        except Exception as error:
            if _answer_to(view, error) is None:
                raise
            # What they lead to together was refused: each draws its own, and is told.
            answers = list(_Bulk(view, operations).answers())
        if atomic and any(_is_refused(answer) for answer in answers):
            raise BulkRefused(answers)
    return answers


class _Bulk:
    """The operations of one call, with all that they need loaded at once."""

    def __init__(self, view: "ReadViewSet[Any]", operations: Sequence[Mapping[str, Any]]) -> None:
        self._view = view
        self._operations = operations
        self._offered = bulk_actions(view)
        self._doers: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "create": self._create,
            "update": self._update,
            "delete": self._delete,
        }

    def answers(self) -> Iterator[Answer]:
        """Carry out one operation after the other, each in a savepoint, and yield its answer."""
        for operation in self._operations:
            at = ""
            try:
                with transaction.atomic(), gathering():
                    checked = self._read(operation)
                    at = "values" if "values" in checked else ""
                    answer = self._doers[checked["action"]](checked)
            except Exception as error:
                response = _answer_to(self._view, error)
                if response is None:
                    raise
                answer = _refusal(response, at)
            yield answer

    def _read(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        name = operation.get("action")
        if name not in self._offered:
            choices = ", ".join(self._offered)
            raise exceptions.ValidationError(
                {"action": _("Choose one of %(choices)s.") % {"choices": choices}}
            )
        checked: dict[str, Any] = _READERS[name].run_validation(operation)
        return checked

    def _create(self, operation: dict[str, Any]) -> Answer:
        serializer = self._adding
        instance = self._view.add(serializer.run_validation(operation["values"]))
        return {"status": 201, "value": serializer.to_representation(instance)}

    def _update(self, operation: dict[str, Any]) -> Answer:
        row = self._row(operation)
        serializer = self._changing
        serializer.instance = row
        instance = self._view.change(row, serializer.run_validation(operation["values"]))
        self._rows[instance.pk] = instance
        return {"status": 200, "value": serializer.to_representation(instance)}

    def _delete(self, operation: dict[str, Any]) -> Answer:
        row = self._row(operation)
        self._view.perform_destroy(row)
        del self._rows[operation["id"]]
        return {"status": 204}

    def _row(self, operation: dict[str, Any]) -> Any:
        """Return a copy of a loaded row, in the version that may be changed.

        :raises Http404: if there is none.
        """
        found = self._rows.get(operation["id"])
        if found is None:
            raise Http404
        # A copy: an operation that is refused must not leave its values to the next one.
        row: Any = copy.copy(found)
        self._view.check_object_permissions(self._view.request, row)
        if "version" not in operation:
            raise VersionRequired
        if operation["version"] != row.version:
            raise StaleEdit(row)
        return row

    @cached_property
    def _rows(self) -> dict[UUID, models.Model]:
        """The rows that are named, locked in the order of their ids so that calls queue up."""
        ids = {uuid_or_none(operation.get("id")) for operation in self._operations} - {None}
        rows = self._view.locked(self._view.get_queryset())
        return {row.pk: row for row in rows.filter(pk__in=ids).order_by("pk")}

    @cached_property
    def _adding(self) -> Any:
        return self._serializer("create")

    @cached_property
    def _changing(self) -> Any:
        return self._serializer("update", self._view.get_queryset().model(), partial=True)

    def _serializer(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Return the serializer that a single write has, with what is referred to loaded."""
        before, self._view.action = self._view.action, VIEW_ACTIONS[name]
        serializer_class = self._view.get_serializer_class()
        self._view.action = before
        context: dict[str, Any] = {**self._view.get_serializer_context()}
        serializer: Any = serializer_class(*args, **kwargs, context=context)
        context["loaded"] = {
            field.field_name: self._load(field)
            for field in serializer.fields.values()
            if isinstance(field, ReferenceField) and not field.read_only
        }
        return serializer

    def _load(self, field: ReferenceField) -> dict[UUID, models.Model]:
        all_values = (operation.get("values") for operation in self._operations)
        given = (each.get(field.field_name) for each in all_values if isinstance(each, dict))
        rows = field.get_queryset()
        assert rows is not None
        return {
            row.pk: row
            for row in rows.filter(pk__in={uuid_or_none(value) for value in given} - {None})
        }


def _answer_to(view: "ReadViewSet[Any]", error: Exception) -> Response | None:
    """Return what a single request would be answered; None for a defect of ours."""
    handle = view.get_exception_handler()
    response: Response | None = handle(error, view.get_exception_handler_context())
    return response


def _refusal(response: Response, at: str) -> Answer:
    """Return the answer to a refused operation, whose fields lie ``at`` a member of it."""
    for error in response.data.get("errors", ()):
        error["path"] = ".".join(filter(None, (at, error["path"])))
    return {"status": response.status_code, "problem": response.data}


def _is_refused(answer: Answer) -> bool:
    return "problem" in answer


def _not_done(answer: Answer) -> Answer:
    """Return the answer to an operation that had to be taken back; a refusal stays one."""
    if _is_refused(answer):
        return answer
    said = _("Not done, because another operation was refused.")
    return {"status": 424, "problem": problem(424, said, code="not_done")}
