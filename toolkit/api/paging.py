"""Paging by key: any page costs the same, and nothing is counted."""

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

PAGING_PARAMETERS = {"cursor", "page_size", "ordering"}
LARGEST_PAGE = 200

_signer = Signer(salt="toolkit.api.paging")


class KeysetPagination(BasePagination):
    """Page by (sort column, id).

    A view declares ``orderings``: the columns that may be asked for, the first being the
    default; each is NOT NULL. ``-name`` sorts downwards. Cursors are signed: what comes back
    is what went out.
    """

    default_size: ClassVar[int] = 50

    def paginate_queryset(
        self,
        queryset: QuerySet[Any] | Sequence[Any],
        request: Request,
        view: APIView | None = None,
    ) -> list[Any]:
        """Return one page, having read one row more to know whether another follows."""
        assert isinstance(queryset, QuerySet)
        self.request = request
        size = self._page_size(request)
        ordering = self._ordering(request, view)
        column, down = ordering.removeprefix("-"), ordering.startswith("-")
        # The column goes through an annotation so that ``.values()`` lists can page, too.
        queryset = queryset.order_by(
            F(column).desc() if down else F(column).asc(),
            F("pk").desc() if down else F("pk").asc(),
        )
        after = request.query_params.get("cursor")
        if after:
            queryset = self._after(queryset, _decode(after, ordering), column, down=down)
        rows = list(queryset[: size + 1])
        self.next_cursor = None
        if len(rows) > size:
            rows = rows[:size]
            self.next_cursor = _encode(ordering, _read(rows[-1], column), _read(rows[-1], "pk"))
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with the address of the next one."""
        return Response({"next": self._next_address(), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the page for OpenAPI."""
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": "string", "format": "uri", "nullable": True},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Describe the paging parameters for OpenAPI."""
        columns = [
            sign + name.removeprefix("-") for name in orderings_of(view) for sign in ("", "-")
        ]
        return [
            _parameter("cursor", {"type": "string"}, "Where the page starts; from `next`."),
            _parameter(
                "page_size", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}, "Rows."
            ),
            _parameter("ordering", {"type": "string", "enum": columns}, "The sort column."),
        ]

    def _page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size", str(self.default_size))
        if not (text.isascii() and text.isdigit() and len(text) < 5):
            raise ValidationError({"page_size": _("Give a whole number.")})
        size = int(text)
        if not 1 <= size <= LARGEST_PAGE:
            raise ValidationError(
                {"page_size": _("Give a number from 1 to %(most)s.") % {"most": LARGEST_PAGE}}
            )
        return size

    def _ordering(self, request: Request, view: APIView | None) -> str:
        orderings = orderings_of(view)
        ordering = request.query_params.get("ordering", orderings[0])
        columns = [name.removeprefix("-") for name in orderings]
        if ordering.removeprefix("-") not in columns:
            raise ValidationError(
                {"ordering": _("Choose one of %(columns)s.") % {"columns": ", ".join(columns)}}
            )
        return ordering

    def _after(
        self, queryset: QuerySet[Any], key: tuple[str, str], column: str, *, down: bool
    ) -> QuerySet[Any]:
        value, pk = key
        beyond = "lt" if down else "gt"
        return queryset.filter(
            Q(**{f"{column}__{beyond}e": value})
            & (Q(**{f"{column}__{beyond}": value}) | Q(**{f"pk__{beyond}": pk}))
        )

    def _next_address(self) -> str | None:
        if self.next_cursor is None:
            return None
        parameters = self.request.query_params.dict() | {"cursor": self.next_cursor}
        return self.request.build_absolute_uri(f"{self.request.path}?{urlencode(parameters)}")


def orderings_of(view: Any) -> tuple[str, ...]:
    """Return the sort columns that ``view`` offers, the default first."""
    return getattr(view, "orderings", None) or ("id",)


def _read(row: Any, column: str) -> Any:
    for name in column.split("__"):
        row = row["id" if name == "pk" else name] if isinstance(row, dict) else getattr(row, name)
    return row


def _encode(ordering: str, value: Any, pk: Any) -> str:
    return _signer.sign_object([ordering, str(value), str(pk)])


def _decode(cursor: str, ordering: str) -> tuple[str, str]:
    """Return the key that a cursor was made of.

    :raises ValidationError: if it is not one of ours, or made for another ordering.
    """
    try:
        made_for, value, pk = _signer.unsign_object(cursor)
    except BadSignature:
        made_for, value, pk = None, "", ""
    if made_for != ordering:
        raise ValidationError({"cursor": _("This cursor is not one of ours.")})
    return value, pk


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "schema": schema,
        "description": description,
    }
