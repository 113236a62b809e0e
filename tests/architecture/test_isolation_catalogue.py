"""What the database itself says of the walls, read from its catalogue.

Tables are found, not listed: a new one that is not secured makes these tests fail.
"""

from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, connections, transaction

from regions.models import Region
from tenants.context import NoOrganization, tenant_cursor
from tenants.models import AuditEntry, TenantModel
from tests import factories
from tests.conftest import Cast
from toolkit.uuid7 import uuid7

pytestmark = pytest.mark.django_db

# Reviewed: these tables belong to no organization, and why that is right.
SHARED_TABLES = {
    "auth_group": "Django's, unused: rights follow from the role of a member",
    "auth_group_permissions": "Django's, unused",
    "auth_permission": "Django's, unused; names of models",
    "axes_accessattempt": "who failed to sign in, before anybody is known",
    "axes_accessattemptexpiration": "unused: the time of the last attempt says when it is over",
    "axes_accessfailurelog": "unused",
    "axes_accesslog": "unused",
    "django_admin_log": "Django's, unused: the audit trail knows what was done",
    "django_content_type": "names of models",
    "django_migrations": "what was migrated",
    "django_session": "found by an unguessable key; names a user and the organization chosen",
    "tenants_passwordrequest": "an address that a stranger typed, until a worker has looked at it",
    "tenants_user": "a person may belong to several organizations",
}
NOT_WRITTEN_BY_APP = {
    *("tenants_auditentry", "accounts_accountchange", "accounts_removedagreement"),
}
OWN_POLICY = "({column} = ( SELECT (current_setting('app.organization'::text))::uuid AS {alias}))"


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def all_tables() -> set[str]:
    return {name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def owned_tables() -> set[str]:
    """Return the tables whose rows belong to an organization, and that of organizations."""
    found = rows(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'organization_id'"
    )
    return {name for (name,) in found} | {"tenants_organization"}


class TestTables:
    def test_each_is_owned_or_reviewed(self) -> None:
        assert all_tables() - owned_tables() == set(SHARED_TABLES)

    def test_every_tenant_model_has_an_owned_one(self) -> None:
        models = [model for model in apps.get_models() if issubclass(model, TenantModel)]
        assert models
        assert {model._meta.db_table for model in models} <= owned_tables()

    def test_owned_ones_have_row_security_that_binds_their_owner_too(self) -> None:
        secured = rows(
            "SELECT relname FROM pg_class"
            " WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity"
        )
        assert owned_tables() <= {name for (name,) in secured}

    def test_owned_ones_have_one_policy_for_app_that_reads_the_setting_once(self) -> None:
        policies = rows(
            "SELECT tablename, qual, with_check FROM pg_policies"
            " WHERE current_user = ANY (roles) OR 'public' = ANY (roles)"
        )
        assert {name for name, _using, _check in policies} == owned_tables()
        assert len(policies) == len(owned_tables())
        for name, using, check in policies:
            column = "id" if name == "tenants_organization" else "organization_id"
            assert using == check == OWN_POLICY.format(column=column, alias="current_setting")

    def test_owned_ones_can_be_pointed_at_with_their_organization(self) -> None:
        unique = rows(
            """
            SELECT c.conrelid::regclass::text FROM pg_constraint c
            WHERE c.contype = 'u' AND (
                SELECT array_agg(a.attname::text ORDER BY k.n)
                FROM unnest(c.conkey) WITH ORDINALITY k (attnum, n)
                JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
            ) = ARRAY['organization_id', 'id']
            """
        )
        exempt = {"tenants_organization", "tenants_auditentry"}
        assert owned_tables() - exempt == {name for (name,) in unique}

    def test_owned_ones_are_audited_whatever_happens_to_a_row(self) -> None:
        triggers = rows(
            """
            SELECT t.tgrelid::regclass::text, array_agg(t.tgname::text ORDER BY t.tgname)
            FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE p.proname = 'audit_changes' AND t.tgenabled = 'O'
            GROUP BY 1
            """
        )
        every_event = ["audit_delete", "audit_insert", "audit_update"]
        expected = owned_tables() - NOT_WRITTEN_BY_APP | {"tenants_user"}
        assert dict(triggers) == dict.fromkeys(expected, every_event)


class TestForeignKeys:
    def test_between_owned_tables_begin_with_the_organization(self) -> None:
        keys = rows(
            """
            SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text,
                   (SELECT attname FROM pg_attribute
                    WHERE attrelid = c.conrelid AND attnum = c.conkey[1]),
                   (SELECT attname FROM pg_attribute
                    WHERE attrelid = c.confrelid AND attnum = c.confkey[1])
            FROM pg_constraint c WHERE c.contype = 'f'
            """
        )
        owned = owned_tables() - {"tenants_organization"}
        inside = [key for key in keys if key[1] in owned and key[2] in owned]
        assert inside
        wrong = [key for key in inside if key[3:] != ("organization_id", "organization_id")]
        assert wrong == []

    def test_on_owned_tables_are_judged_at_once(self) -> None:
        deferrable = rows(
            "SELECT conrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f' AND condeferrable"
        )
        assert owned_tables() & {name for (name,) in deferrable} == set()

    @pytest.mark.parametrize("model", [m for m in apps.get_models() if issubclass(m, TenantModel)])
    def test_are_in_the_database_for_every_field(self, model: type[TenantModel]) -> None:
        constrained = rows(
            """
            SELECT a.attname FROM pg_constraint c
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
            WHERE c.contype = 'f' AND c.conrelid = %s::regclass
            """,
            model._meta.db_table,
        )
        fields = {field.column for field in model._meta.local_fields if field.is_relation}
        assert fields == {name for (name,) in constrained}

    def test_keep_a_row_from_pointing_into_another_organization(
        self, cast: Cast, outsiders: Cast
    ) -> None:
        with cast.acting():
            foreign = factories.region()
        with outsiders.acting():
            market = factories.handmade_market()
            market.region = foreign
            with pytest.raises(DatabaseError, match="foreign key"), transaction.atomic():
                market.save(force_update=True)


class TestTheServingRole:
    def test_is_app_and_no_superuser(self) -> None:
        ((name, superuser, bypasses),) = rows(
            "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert (superuser, bypasses) == (False, False)
        assert name == connections["default"].settings_dict["USER"]
        assert name != connections["owner"].settings_dict["USER"]

    def test_owns_nothing(self) -> None:
        owned = rows(
            "SELECT relname FROM pg_class WHERE relowner = current_user::regrole"
            " UNION ALL SELECT proname FROM pg_proc WHERE proowner = current_user::regrole"
        )
        assert owned == []

    def test_cannot_empty_a_table_past_the_policies(self) -> None:
        allowed = rows(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
            " AND has_table_privilege(oid, 'TRUNCATE, TRIGGER')"
        )
        assert allowed == []

    def test_cannot_create_anything_in_the_schema(self) -> None:
        assert rows("SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]


class TestTheAuditTrail:
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE tenants_auditentry SET door = 'nowhere'",
            "DELETE FROM tenants_auditentry",
            "INSERT INTO tenants_auditentry (door) VALUES ('nowhere')",
        ],
    )
    def test_is_written_by_the_database_alone(self, cast: Cast, sql: str) -> None:
        with (
            cast.acting(),
            tenant_cursor() as cursor,
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
        ):
            cursor.execute(sql)

    def test_says_who_changed_what_through_which_door(self, cast: Cast) -> None:
        with cast.acting(cast.leader):
            region = factories.region(name="Before")
            Region.objects.filter(pk=region.pk).update(name="After")
            entry = AuditEntry.objects.filter(row_id=region.pk).order_by("id").last()
        assert entry is not None
        assert (entry.actor_id, entry.door) == (cast.leader.pk, "test")
        assert (entry.before, entry.after) == ({"name": "Before"}, {"name": "After"})


class TestWithoutAnOrganization:
    def test_a_query_raises(self) -> None:
        with pytest.raises(NoOrganization):
            Region.objects.count()

    def test_raw_sql_through_the_helper_raises(self) -> None:
        with pytest.raises(NoOrganization), tenant_cursor():
            pass

    def test_raw_sql_past_the_helper_raises_as_soon_as_there_is_a_row(self, cast: Cast) -> None:
        with cast.acting():
            factories.region()
        with pytest.raises(DatabaseError), transaction.atomic():
            rows("SELECT * FROM regions_region")

    def test_a_row_cannot_be_made(self) -> None:
        with pytest.raises(NoOrganization):
            Region(code="emea", name="EMEA")


class TestInAnotherOrganization:
    def test_raw_sql_finds_no_row(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            region = factories.region()
        with outsiders.acting(), tenant_cursor() as cursor:
            cursor.execute("SELECT count(*) FROM regions_region WHERE id = %s", [region.pk])
            assert cursor.fetchone() == (0,)

    def test_raw_sql_can_make_no_row(self, cast: Cast, outsiders: Cast) -> None:
        def insert(organization: UUID) -> None:
            with tenant_cursor() as cursor:
                cursor.execute(
                    "INSERT INTO regions_region (id, organization_id, code, name, version)"
                    " VALUES (%s, %s, %s, 'X', 1)",
                    [uuid7(), organization, "x"],
                )

        with outsiders.acting():
            insert(outsiders.organization.pk)
            with (
                pytest.raises(DatabaseError, match="row-level security"),
                transaction.atomic(),
            ):
                insert(cast.organization.pk)
