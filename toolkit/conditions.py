"""Conditions that the ORM lacks."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Lookup
from django.db.models.sql.compiler import SQLCompiler


class _OneOf(Lookup[Any]):
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Return the condition with the array as its parameter."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::uuid[])", [*parameters, self.rhs]


def one_of(column: str, ids: Iterable[UUID]) -> Lookup[Any]:
    """Return the condition that a column is one of very many ids.

    They are one parameter, an array that PostgreSQL hashes. It would join with a list or a
    subquery row by row where it does not know yet how many rows were just written.
    """
    return _OneOf(F(column), "{" + ",".join(map(str, ids)) + "}")
