"""The organization in force: what it lets through, and what it restores."""

import threading
import uuid

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.db.utils import DataError, IntegrityError, ProgrammingError
from django.test import Client

from accounts.models import Account
from regions.models import Closure, Market, Region
from tenants import roles, services
from tenants.authentication import identity_of_key, memberships_of
from tenants.choices import Role, Scope
from tenants.context import NoOrganization, acting_for, tenant_cursor
from tenants.models import AuditEntry, Membership, Organization, TenantModel, User
from tests import factories
from tests.conftest import LONG_AGO, PASSWORD, Cast, user_of
from tests.mail_server import links_in
from toolkit.storage import StaleVersion, store
from toolkit.uuid7 import uuid7

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.organization', true), '')")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
class TestTheServingRole:
    def test_is_app_and_bound_by_row_security(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles"
                " WHERE rolname = current_user"
            )
            assert cursor.fetchone() == ("app", False)

    @pytest.mark.django_db(databases=["default", "owner"])
    def test_is_refused_when_it_owns_tables(self) -> None:
        owner = connections["owner"]
        owner.alias, serving = "default", owner.alias
        try:
            with pytest.raises(ImproperlyConfigured, match="owns tables"):
                roles.refuse_unsafe_role(owner)
        finally:
            owner.alias = serving


@pytest.mark.django_db
class TestActingFor:
    @pytest.mark.parametrize("model", [*TENANT_MODELS, AuditEntry])
    def test_without_it_every_query_raises(self, model: type[TenantModel]) -> None:
        with pytest.raises(NoOrganization):
            model._default_manager.exists()

    def test_without_it_a_filter_of_ours_raises_too(self) -> None:
        with pytest.raises(NoOrganization):
            Account.objects.active().exists()

    def test_a_queryset_made_before_is_bound_when_it_runs(self, cast: Cast) -> None:
        regions = Region.objects.all()
        with cast.acting():
            region = factories.region()
            assert list(regions) == [region]

    def test_restores_the_outer_organization(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            with outsiders.acting():
                assert setting() == str(outsiders.organization.pk)
            assert setting() == str(cast.organization.pk)
        assert setting() == ""

    def test_restores_after_an_error_too(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            with pytest.raises(ZeroDivisionError), outsiders.acting():
                raise ZeroDivisionError
            assert setting() == str(cast.organization.pk)

    def test_rolls_back_what_was_written_before_an_error(self, cast: Cast) -> None:
        def write_and_fail() -> None:
            with cast.acting():
                factories.region()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write_and_fail()
        with cast.acting():
            assert not Region.objects.exists()

    def test_another_thread_acts_for_nobody(self, cast: Cast) -> None:
        seen: list[type[BaseException]] = []

        def look() -> None:
            try:
                Region.objects.exists()
            except NoOrganization as error:
                seen.append(type(error))

        with cast.acting():
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
        assert seen == [NoOrganization]


@pytest.mark.django_db
class TestRowSecurity:
    """The net beneath the manager: raw SQL sees one organization, too."""

    def test_hides_other_organizations_from_raw_sql(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            factories.region()
        with outsiders.acting(), tenant_cursor() as cursor:
            cursor.execute("SELECT count(*) FROM regions_region")
            assert cursor.fetchone() == (0,)

    def test_refuses_to_write_for_another_organization(self, cast: Cast, outsiders: Cast) -> None:
        with outsiders.acting(), pytest.raises(ProgrammingError, match="row-level security"):
            Region.objects.bulk_create(
                [Region(organization_id=cast.organization.pk, code="x", name="X")]
            )

    def test_raises_when_no_organization_is_set(self, cast: Cast) -> None:
        with cast.acting():
            factories.region()
        with (
            pytest.raises(DataError, match="invalid input syntax for type uuid"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT count(*) FROM regions_region")

    def test_tenant_cursor_refuses_nobody(self) -> None:
        with pytest.raises(NoOrganization), tenant_cursor():
            pass

    def test_a_row_cannot_point_into_another_organization(
        self, cast: Cast, outsiders: Cast
    ) -> None:
        with cast.acting():
            market = factories.market("FR")
        with outsiders.acting(), pytest.raises(IntegrityError, match="foreign key"):
            Closure.objects.bulk_create(
                [Closure(market_id=market.pk, name="x", start="2026-01-01", end="2026-01-01")]
            )

    def test_the_audit_trail_can_only_be_read(self, cast: Cast) -> None:
        with cast.acting():
            factories.region()
            for change in ("DELETE FROM", "TRUNCATE"):
                with (
                    pytest.raises(ProgrammingError, match="permission denied"),
                    transaction.atomic(),
                    tenant_cursor() as cursor,
                ):
                    cursor.execute(f"{change} tenants_auditentry")


@pytest.mark.django_db
class TestTheAuditTrail:
    def test_tells_who_through_which_door_before_and_after(self, cast: Cast) -> None:
        with cast.acting(cast.leader):
            region = factories.region(name="EMEA")
            region.name = "Europe"
            store(region)
        with cast.acting():
            added, changed = AuditEntry.objects.filter(row_id=region.pk).order_by("id")
        assert (added.action, added.actor_id, added.door) == ("insert", cast.leader.pk, "test")
        assert changed.before == {"name": "EMEA", "version": 1}
        assert changed.after == {"name": "Europe", "version": 2}

    def test_notices_updates_past_the_services(self, cast: Cast) -> None:
        with cast.acting():
            region = factories.region()
            Region.objects.update(name="Elsewhere")
            entry = AuditEntry.objects.filter(row_id=region.pk).latest("id")
        assert entry.after == {"name": "Elsewhere"}

    def test_keeps_no_secret(self, cast: Cast) -> None:
        with cast.acting():
            key, _ = services.create_api_key(membership=cast.csm, name="CRM", scope=Scope.READ)
            user = user_of(cast.csm)
            user.set_password("another secret")
            user.save()
            text = str(list(AuditEntry.objects.values("before", "after")))
        assert key.hash not in text
        assert "md5$" not in text


@pytest.mark.django_db
class TestMemberships:
    def test_of_a_user_span_organizations(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            user = user_of(cast.csm)
        with outsiders.acting():
            services.add_member(email=user.email, name="Ignored", role=Role.ANALYST)
        found = {(each.organization_slug, each.role) for each in memberships_of(user)}
        assert found == {("alder", "csm"), ("birch", "analyst")}

    def test_an_inactive_member_is_nobody(self, cast: Cast) -> None:
        with cast.acting():
            Membership.objects.filter(pk=cast.csm.pk).update(is_active=False)
            user = user_of(cast.csm)
        assert memberships_of(user) == []

    def test_without_a_user_are_prepared_once(self, cast: Cast) -> None:
        people = [
            services.Person("Noor@alder.example", name="Noor"),
            services.Person("noor@ALDER.example", name="Somebody else"),
            services.Person("csm@alder.example", name="Renamed"),
            services.Person("lee@alder.example"),
        ]
        with cast.acting():
            members = services.prepare_members(people)
            again = services.prepare_members(people)
        assert members == again
        assert {email: member.name for email, member in members.items()} == {
            "noor@alder.example": "Noor",
            "csm@alder.example": "CSM of Alder",
            "lee@alder.example": "lee",
        }
        assert members["noor@alder.example"].user_id is None

    def test_are_prepared_all_or_none(self, cast: Cast) -> None:
        people = [services.Person("noor@alder.example"), services.Person("nowhere")]
        with cast.acting():
            with pytest.raises(ValidationError):
                services.prepare_members(people)
            assert not Membership.objects.filter(user=None).exists()

    def test_keep_a_name_of_their_own_in_each_organization(
        self, cast: Cast, outsiders: Cast
    ) -> None:
        with outsiders.acting():
            there = services.add_member(email=cast.csm.email, name="C. S. M.", role=Role.CSM)
        with cast.acting():
            assert Membership.objects.get(pk=cast.csm.pk).name == "CSM of Alder"
        assert (there.name, there.user_id) == ("C. S. M.", cast.csm.user_id)

    def test_are_unique(self, cast: Cast) -> None:
        with cast.acting(), pytest.raises(services.AlreadyMember):
            services.add_member(email="CSM@alder.example", name="Again", role=Role.CSM)


@pytest.mark.django_db
class TestApiKeys:
    def test_are_stored_hashed_and_found_again(self, cast: Cast) -> None:
        with cast.acting():
            key, text = services.create_api_key(membership=cast.csm, name="CRM", scope=Scope.READ)
        assert text not in key.hash
        identity = identity_of_key(text)
        assert identity is not None
        assert (identity.membership_id, identity.scope) == (cast.csm.pk, "read")

    @pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
    def test_revoked_or_expired_ones_are_refused(self, cast: Cast, column: str) -> None:
        with cast.acting():
            key, text = services.create_api_key(membership=cast.csm, name="CRM", scope=Scope.READ)
            type(key).objects.update(**{column: "2020-01-01T00:00Z"})
        assert identity_of_key(text) is None

    def test_an_unknown_key_is_nobody(self) -> None:
        assert identity_of_key("csp_nothing") is None
        assert identity_of_key("\udcff") is None


@pytest.mark.django_db
class TestStore:
    def test_tells_the_second_of_two_editors(self, acting: Cast) -> None:
        region = factories.region()
        other = Region.objects.get(pk=region.pk)
        region.name = "First"
        store(region)
        other.name = "Second"
        with pytest.raises(StaleVersion):
            store(other)
        assert Region.objects.get().name == "First"


class TestUuid7:
    def test_carries_version_variant_and_time(self) -> None:
        made = [uuid7() for _ in range(100)]
        assert {each.version for each in made} == {7}
        assert {each.variant for each in made} == {uuid.RFC_4122}
        assert made[0].int >> 80 <= made[-1].int >> 80

    @pytest.mark.django_db
    def test_the_database_makes_the_same_kind(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT uuid7()")
            made = cursor.fetchone()[0]
        assert (made.version, made.variant) == (7, uuid.RFC_4122)
        assert abs((made.int >> 80) - (uuid7().int >> 80)) < 5_000


@pytest.mark.django_db(databases=["default", "owner"])
class TestCommands:
    def test_create_organization_prints_the_link_by_which_its_admin_joins(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command(
            "create_organization", "Cedar & Co", admin="Eve@cedar.example", admin_name="Eve"
        )
        out = capsys.readouterr().out
        assert "Created Cedar & Co (cedar-co)." in out
        link = links_in(out)[0]
        form = {"name": "Eve", "password": "a long enough phrase", "language": "en"}
        assert Client().post(link, form).status_code == 302
        user = User.objects.get(email="eve@cedar.example")
        assert [each.role for each in memberships_of(user)] == ["admin"]

    def test_create_organization_lets_a_script_give_the_password(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PASSWORD", "a long enough phrase")
        call_command("create_organization", "Cedar & Co", admin="Eve@cedar.example")
        user = User.objects.get(email="eve@cedar.example")
        assert user.check_password("a long enough phrase")
        assert [each.role for each in memberships_of(user)] == ["admin"]

    def test_create_organization_refuses_what_is_no_address(self) -> None:
        with pytest.raises(CommandError, match="valid email"):
            call_command("create_organization", "Cedar", admin="eve")

    def test_create_organization_refuses_a_slug_in_use_and_leaves_nothing(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PASSWORD", "a long enough phrase")
        with pytest.raises(CommandError, match="in use"):
            call_command("create_organization", "Alder", admin="eve@cedar.example")
        assert not User.objects.filter(email="eve@cedar.example").exists()

    def test_create_organization_refuses_a_weak_password(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PASSWORD", "123")
        with pytest.raises(CommandError):
            call_command("create_organization", "Cedar", admin="eve@cedar.example")

    def test_create_api_key_prints_the_key_alone(
        self, cast: Cast, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command(
            "create_api_key", organization="alder", email="csm@alder.example", scope="read"
        )
        text = capsys.readouterr().out.strip()
        assert identity_of_key(text) is not None

    def test_create_api_key_names_who_it_does_not_know(self, cast: Cast) -> None:
        with pytest.raises(CommandError, match="No active member"):
            call_command(
                "create_api_key", organization="birch", email="csm@alder.example", scope="read"
            )


@pytest.mark.django_db
def test_an_organization_is_invisible_to_another(cast: Cast, outsiders: Cast) -> None:
    with cast.acting():
        assert [each.slug for each in Organization.objects.all()] == ["alder"]
        assert not Market.objects.exists()
    with acting_for(uuid7(), door="test"):
        assert not Organization.objects.exists()


class TestTheCast:
    def test_is_what_the_services_would_make(self, cast: Cast) -> None:
        with cast.acting():
            made = services.add_member(
                email="second@alder.example", name="CSM of Alder", role=Role.CSM, password=PASSWORD
            )
            services.settle_in(membership_id=made.pk, at=LONG_AGO)
            made = Membership.objects.get(pk=made.pk)
            known = Membership.objects.get(pk=cast.csm.pk)
            own = {"id", "email", "user", "password", "created_at"}
            for row, other in ((made, known), (user_of(made), user_of(known))):
                fields = [field for field in row._meta.concrete_fields if field.name not in own]
                assert [field.value_from_object(row) for field in fields] == [
                    field.value_from_object(other) for field in fields
                ]
            assert user_of(known).check_password(PASSWORD)
