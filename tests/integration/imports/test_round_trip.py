"""What is exported imports again unchanged, here and elsewhere."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import imports
from accounts.choices import ImportStatus, Stage, Tier
from accounts.imports import ImportOptions
from accounts.models import Account
from accounts.names import search_form
from accounts.services import create_accounts
from regions.models import Market
from tenants.models import Membership
from tests import factories
from tests.conftest import Cast
from tests.integration.imports.files import NOW, reasons
from toolkit.tables import FileKind

# What PostgreSQL can store: no NUL and no lone surrogates.
TEXTS = st.text(
    st.one_of(
        st.sampled_from("=+-@'\"\t\r\n,;|＝＋ \u00a0\u2028_x0041_#\ufeff\uffff\x01\x1f"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=20,
)
FILLED = TEXTS.filter(lambda text: bool(text.strip()) and bool(search_form(text)))
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))
VALUES = st.fixed_dictionaries(
    {
        "name": FILLED,
        "external_id": st.none() | FILLED,
        "city": TEXTS,
        "tier": st.sampled_from(Tier.values),
        "stage": st.sampled_from(Stage.values),
        "start_date": DAYS,
        "renewal_date": st.none() | DAYS,
        "notice_deadline": st.none() | DAYS,
        "arr": st.none() | st.decimals(0, Decimal("9999999999999.99"), places=2),
        "currency": st.text("ABCXYZ", min_size=3, max_size=3),
        "owned": st.booleans(),
        "in_france": st.booleans(),
    }
)
LISTS = st.lists(
    VALUES,
    max_size=6,
    # One external id of white space and another are one once they are read.
    unique_by=(
        lambda values: search_form(str(values["name"])),
        lambda values: str(values["external_id"] or repr(values)).strip(),
    ),
)
SHOWN = (
    "name",
    "external_id",
    "city",
    "tier",
    "stage",
    "start_date",
    "renewal_date",
    "notice_deadline",
    "arr",
    "currency",
    "owner__email",
    "owner__name",
    "market__code",
)

many = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def make(rows: list[dict[str, Any]], owner: Membership) -> None:
    """Make accounts."""
    markets = {True: factories.market("FR"), False: factories.market("DE")}
    create_accounts(
        [
            Account(
                market=markets[row["in_france"]],
                owner=owner if row["owned"] else None,
                **{name: row[name] for name in row.keys() - {"owned", "in_france"}},
            )
            for row in rows
        ]
    )


def exported(kind: FileKind) -> bytes:
    """Return all accounts as a file."""
    return imports.accounts_file(Account.objects.order_by("pk"), kind=kind).content


def stripped() -> list[tuple[Any, ...]]:
    """Return what accounts hold, without the white space that no file keeps."""
    rows = Account.objects.order_by("search_name").values_list(*SHOWN)
    return [
        tuple(value.strip() if isinstance(value, str) else value for value in row) for row in rows
    ]


def imported(cast: Cast, content: bytes, **options: Any) -> Any:
    """Import a file as the leader."""
    made = imports.upload(
        content=content,
        name="round trip",
        by=cast.leader,
        options=ImportOptions.from_json(options),
    )
    return imports.run_now(made, by=cast.leader, at=NOW)


@pytest.mark.parametrize("kind", list(FileKind))
@many
@given(rows=LISTS)
def test_what_is_exported_imports_unchanged(
    kind: FileKind, acting: Cast, rows: list[dict[str, Any]]
) -> None:
    with transaction.atomic():
        make(rows, acting.csm)
        versions = list(Account.objects.order_by("pk").values_list("pk", "version", *SHOWN))
        made = imported(acting, exported(kind))
        assert reasons(made) == []
        assert (made.status, made.unchanged_rows, made.written_rows) == (
            ImportStatus.DONE,
            len(rows),
            0,
        )
        assert list(Account.objects.order_by("pk").values_list("pk", "version", *SHOWN)) == versions
        transaction.set_rollback(True)


@pytest.mark.parametrize("kind", list(FileKind))
@many
@given(rows=LISTS)
def test_what_is_exported_is_the_same_elsewhere(
    kind: FileKind, cast: Cast, outsiders: Cast, rows: list[dict[str, Any]]
) -> None:
    with transaction.atomic():
        with cast.acting():
            make(rows, cast.csm)
            content, before = exported(kind), stripped()
        with outsiders.acting():
            made = imported(outsiders, content, columns={"Platform id": ""})
            assert reasons(made) == []
            assert stripped() == before
            for account in Account.objects.all():
                # What a file brings in is what a form would have let in.
                account.full_clean()
            again = imported(outsiders, content, columns={"Platform id": ""})
            assert (again.unchanged_rows, again.written_rows) == (len(rows), 0)
        transaction.set_rollback(True)


def test_accounts_that_only_their_id_tells_apart_stay_apart(acting: Cast) -> None:
    for city in ("Lyon", "Paris"):
        factories.account(name="Acme", city=city)
    made = imported(acting, exported(FileKind.CSV))
    assert (made.unchanged_rows, made.bad_rows) == (2, 0)


def test_a_market_that_is_named_like_a_country_stays_the_one_it_is(acting: Cast) -> None:
    # Its code is that of another country, and its name of a third one.
    market = factories.handmade_market(code="DE", name="Spain", country="FR", languages=["fr-FR"])
    factories.account(name="Acme", market=market)
    Market.objects.exclude(pk=market.pk).delete()
    assert imported(acting, exported(FileKind.CSV)).unchanged_rows == 1
