"""The one migration operation that makes a table safe to share between organizations."""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Model

from tenants.fields import TenantForeignKey
from tenants.roles import app_role

AUDIT_EVENTS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


class SecureTable(Operation):
    """Give a table its policy, grants, composite foreign keys,
    their indexes, and its audit triggers.

    Run it after creating a table and again after adding a ``TenantForeignKey``; it adds what is
    missing. ``hidden`` columns never reach the audit trail. ``organization_column`` is None for
    a table that all organizations share, which then gets no policy.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(
        self,
        model_name: str,
        *,
        organization_column: str | None = "organization_id",
        hidden: tuple[str, ...] = (),
        audited: bool = True,
    ) -> None:
        self.model_name = model_name
        self.organization_column = organization_column
        self.hidden = hidden
        self.audited = audited

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in the state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Run the statements."""
        model = to_state.apps.get_model(app_label, self.model_name)
        for statement in self.statements(model):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, *_: Any) -> None:
        """Leave it to the table's own removal."""

    def describe(self) -> str:
        """Return what the operation does."""
        return f"Secure the table of {self.model_name}"

    def statements(self, model: type[Model]) -> Iterator[str]:
        """Yield the SQL for ``model``; every statement may run twice."""
        table = model._meta.db_table
        if self.organization_column:
            yield from self._isolation(table, self.organization_column)
        yield from self._foreign_keys(model)
        if self.audited:
            yield from self._audit(table)

    def _isolation(self, table: str, column: str) -> Iterator[str]:
        app = app_role()
        # Typed, and in a SELECT: evaluated once a statement. Raises when nothing is set.
        own = f"{column} = (SELECT current_setting('app.organization')::uuid)"
        yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
        yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
        yield f'DROP POLICY IF EXISTS isolation ON "{table}"'
        yield f'CREATE POLICY isolation ON "{table}" TO "{app}" USING ({own}) WITH CHECK ({own})'
        yield f'DROP POLICY IF EXISTS maintenance ON "{table}"'
        yield (
            f'CREATE POLICY maintenance ON "{table}" TO CURRENT_USER USING (true) WITH CHECK (true)'
        )
        yield f'REVOKE ALL ON "{table}" FROM "{app}"'
        rights = "SELECT, INSERT, UPDATE, DELETE" if self.audited else "SELECT"
        yield f'GRANT {rights} ON "{table}" TO "{app}"'

    def _foreign_keys(self, model: type[Model]) -> Iterator[str]:
        table = model._meta.db_table
        keys = [field for field in model._meta.local_fields if isinstance(field, TenantForeignKey)]
        # A composite key that is always set implies that the organization exists.
        implied = any(not key.null and _is_tenant_owned(key.related_model) for key in keys)
        for key in keys:
            target = key.related_model
            if key.name == "organization" and implied:
                continue
            composite = _is_tenant_owned(target)
            own = f'organization_id, "{key.column}"' if composite else f'"{key.column}"'
            other = "organization_id, id" if composite else "id"
            yield _add_constraint(
                table,
                _name(table, key.column, "fk"),
                f'FOREIGN KEY ({own}) REFERENCES "{target._meta.db_table}" ({other})',
            )
            if key.indexed:
                name = _name(table, key.column, "index")
                yield f'CREATE INDEX IF NOT EXISTS "{name}" ON "{table}" ({own})'

    def _audit(self, table: str) -> Iterator[str]:
        column = self.organization_column or ""
        for event, transition in AUDIT_EVENTS.items():
            yield (
                f'CREATE OR REPLACE TRIGGER audit_{event} AFTER {event.upper()} ON "{table}" '
                f"REFERENCING {transition} FOR EACH STATEMENT "
                f"EXECUTE FUNCTION audit_changes('{column}', '{','.join(self.hidden)}')"
            )


def _is_tenant_owned(model: Any) -> bool:
    return any(field.name == "organization" for field in model._meta.local_fields)


def _name(table: str, column: str, kind: str) -> str:
    """Return a name for a constraint or index, within PostgreSQL's 63 bytes."""
    digest = hashlib.blake2b(f"{table}.{column}".encode(), digest_size=4).hexdigest()
    return f"{table[:28]}_{column[:18]}_{digest}_{kind}"


def _add_constraint(table: str, name: str, definition: str) -> str:
    return f"""
        DO $$ BEGIN
            IF NOT EXISTS (
                SELECT FROM pg_constraint
                WHERE conname = '{name}' AND conrelid = '"{table}"'::regclass
            ) THEN
                ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition};
            END IF;
        END $$
    """


class ImmutableTable(Operation):
    """Let the database refuse to change the rows of a table, whoever asks.

    ``deletable`` rows may go, with what they belong to.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, *, deletable: bool = False) -> None:
        self.model_name = model_name
        self.deletable = deletable

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in the state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Run the statement."""
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        events = "UPDATE" if self.deletable else "UPDATE OR DELETE"
        schema_editor.execute(
            f'CREATE OR REPLACE TRIGGER immutable BEFORE {events} ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            params=None,
        )

    def database_backwards(self, *_: Any) -> None:
        """Leave it to the table's own removal."""

    def describe(self) -> str:
        """Return what the operation does."""
        return f"Refuse changes in the table of {self.model_name}"
