"""The cast and the databases of every test.

Two organizations stand side by side: what one sees of the other is always a defect.
"""

import datetime as dt
import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection, connections
from django.template import Context, Template
from django.test.signals import template_rendered
from django.test.utils import CaptureQueriesContext
from django.utils.safestring import SafeString
from rest_framework.test import APIClient

from tenants import services as tenants_services
from tenants.authentication import SESSION_KEY
from tenants.choices import Role
from tenants.context import acting_for
from tenants.models import Membership, Organization, User

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery staple"
LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def pytest_runtestloop() -> None:
    """Look for garbage less often: what is imported stays, and a test leaves little behind."""
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """Give the worker a copy of the migrated database, which ``app`` then serves."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "")
    owner, app = connections["owner"], connections["default"]
    with django_db_blocker.unblock():
        real_name = owner.settings_dict["NAME"]
        template = _migrated_template(owner, app)
        name = f"test_{real_name}_{worker}".rstrip("_")
        with owner.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        for each in (owner, app):
            each.close()
            each.settings_dict["NAME"] = name
        yield
        app.close()
        owner.creation.destroy_test_db(real_name, verbosity=0)


def _migrated_template(owner: Any, app: Any) -> str:
    """Return the name of a database that ``owner`` migrated; the first who asks makes it.

    Its name stands for the migrations, so that a server of your own keeps it between runs.
    """
    digest = hashlib.sha256()
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(path.read_bytes())
    template = f"migrated_{digest.hexdigest()[:16]}"
    real_name = owner.settings_dict["NAME"]
    with app.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(0)")
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [template])
        if not cursor.fetchone()[0]:
            # The migrations name the serving role, not its connection.
            owner.settings_dict["TEST"]["NAME"] = f"{template}_begun"
            owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            owner.close()
            owner.settings_dict["NAME"] = real_name
            with owner.cursor() as renaming:
                renaming.execute(f'ALTER DATABASE "{template}_begun" RENAME TO "{template}"')
    app.close()
    return template


@pytest.fixture(scope="session", autouse=True)
def _contexts_of_pages(django_test_environment: None) -> None:
    """Keep the context of each page that is rendered, not of the many parts it is made of."""

    def render(template: Template, context: Context) -> SafeString:
        if context.template is template:
            template_rendered.send(sender=template, template=template, context=context)
        return template.nodelist.render(context)

    # The test environment put its own there, and takes away whatever is there at the end.
    Template._render = render  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Cast:
    """An organization with one member of each role."""

    organization: Organization
    admin: Membership
    leader: Membership
    manager: Membership
    csm: Membership
    analyst: Membership

    @contextmanager
    def acting(self, membership: Membership | None = None) -> Iterator[None]:
        """Act for this organization."""
        with acting_for(
            self.organization.pk,
            membership_id=(membership or self.admin).pk,
            door="test",
        ):
            yield


def make_cast(name: str) -> Cast:
    """Create an organization with one member of each role.

    Rows as the services write them, in a few statements: nearly every test needs them.
    """
    organization = tenants_services.create_organization(name=name)
    with acting_for(organization.pk, door="test"):
        people = [
            (role, f"{role}@{organization.slug}.example", f"{role.label} of {name}")
            for role in Role
        ]
        users = User.objects.bulk_create(
            User(email=email, name=called, password=make_password(PASSWORD))
            for _role, email, called in people
        )
        memberships = Membership.objects.bulk_create(
            # Members of long standing: the first day has tests of its own.
            Membership(user=user, email=email, name=called, role=role, settled_in_at=LONG_AGO)
            for (role, email, called), user in zip(people, users, strict=True)
        )
    members = {member.role: member for member in memberships}
    return Cast(
        organization,
        admin=members[Role.ADMIN],
        leader=members[Role.LEADER],
        manager=members[Role.REGIONAL_MANAGER],
        csm=members[Role.CSM],
        analyst=members[Role.ANALYST],
    )


@pytest.fixture
def cast(db: None) -> Cast:
    """The organization that a test is about."""
    return make_cast("Alder")


@pytest.fixture
def outsiders(db: None) -> Cast:
    """Another organization, which must see nothing of the first."""
    return make_cast("Birch")


@pytest.fixture
def acting(cast: Cast) -> Iterator[Cast]:
    """Act as the admin of ``cast`` for the whole test."""
    with cast.acting():
        yield cast


def user_of(membership: Membership) -> User:
    """Return the user who joined as ``membership``, whose organization is in force."""
    assert membership.user is not None
    return membership.user


class Client(APIClient):
    """Changes and removes whatever version a row has, unless a request says which."""

    def generic(  # type: ignore[override]
        self, method: str, path: str, *args: Any, **kwargs: Any
    ) -> Any:
        """Send a request."""
        if method in {"PUT", "PATCH", "DELETE"}:
            kwargs["headers"] = {"If-Match": "*"} | (kwargs.get("headers") or {})
        return super().generic(method, path, *args, **kwargs)


def signed_in(membership: Membership) -> APIClient:
    """Return a client signed in as a member of her organization."""
    client = Client()
    assert membership.organization_id is not None
    with acting_for(membership.organization_id, door="test"):
        client.force_login(user_of(membership))
    session = client.session
    session[SESSION_KEY] = str(membership.organization_id)
    session.save()
    return client


@contextmanager
def count_queries() -> Iterator[CaptureQueriesContext]:
    """Capture the queries of the serving connection."""
    with CaptureQueriesContext(connection) as captured:
        yield captured


def day(text: str) -> dt.date:
    """Return the date of an ISO 8601 text."""
    return dt.date.fromisoformat(text)
