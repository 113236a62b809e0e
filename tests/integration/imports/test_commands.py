"""Importing and exporting from the command line."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import Account, AccountImport
from tests import factories
from tests.conftest import Cast
from tests.integration.imports.files import lines
from toolkit.tables import read_table


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is."""
    return tmp_path / "accounts.csv"


def run(cast: Cast, name: str, *arguments: Any) -> str:
    """Run a command as the leader, and return what it prints."""
    output = StringIO()
    who = ("--organization", cast.organization.slug, "--email", cast.leader.email)
    call_command(name, *who, *map(str, arguments), stdout=output)
    return output.getvalue()


class TestImportAccounts:
    def test_says_what_it_did(self, cast: Cast, path: Path) -> None:
        path.write_bytes(lines("Acme,France,ann@x.example,5,", "Beta,Japan,,7,"))
        printed = run(cast, "import_accounts", path)
        assert "Name -> name" in printed
        assert "2 rows: 2 new, 0 changed, 0 unchanged, 0 left out, 0 bad." in printed
        assert "New markets: FR, JP." in printed
        assert "New members: ann@x.example." in printed
        with cast.acting():
            assert Account.objects.count() == 2

    def test_writes_nothing_when_it_only_checks(self, cast: Cast, path: Path) -> None:
        path.write_bytes(lines("Acme,France,,5,"))
        printed = run(cast, "import_accounts", path, "--check")
        assert "1 new" in printed
        with cast.acting():
            assert not Account.objects.exists()
            assert not AccountImport.objects.exists()

    def test_names_every_bad_row_and_fails(self, cast: Cast, path: Path) -> None:
        path.write_bytes(lines("Acme,France,,x,", "Beta,France,,5,"))
        output = StringIO()
        with pytest.raises(CommandError, match="Nothing was imported"):
            call_command(
                "import_accounts",
                path,
                organization=cast.organization.slug,
                email=cast.leader.email,
                stdout=output,
            )
        assert "row 2, ARR ('x'): This is not an amount." in output.getvalue()
        with cast.acting():
            assert not Account.objects.exists()

    def test_takes_the_good_rows_when_told(self, cast: Cast, path: Path) -> None:
        path.write_bytes(lines("Acme,France,,x,", "Beta,France,,5,"))
        run(cast, "import_accounts", path, "--good-rows-only")
        with cast.acting():
            assert Account.objects.get().name == "Beta"

    def test_takes_decisions_as_arguments(self, cast: Cast, path: Path) -> None:
        path.write_bytes("Brand;Place;Ends\nMüller;Atlantis;05.06.2026\n".encode("cp1252"))
        arguments = [
            *("--encoding", "windows-1252", "--date-format", "day_first"),
            *("--map", "Brand=name", "--map", "Place=country", "--map", "Ends=renewal_date"),
            *("--country", "Atlantis=adopt:FR", "--default-currency", "EUR"),
        ]
        run(cast, "import_accounts", path, *arguments)
        with cast.acting():
            account = Account.objects.select_related("market").get()
        assert (account.name, account.market.code, account.currency) == ("Müller", "FR", "EUR")
        assert str(account.renewal_date) == "2026-06-05"

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"%PDF", "not a table"),
            ("Name\nMüller\n".encode("cp1252"), "Say how it is encoded"),
            (b"Country\nFR\n", "which column holds the names"),
        ],
    )
    def test_says_why_it_cannot(self, cast: Cast, path: Path, content: bytes, reason: str) -> None:
        path.write_bytes(content)
        with pytest.raises(CommandError, match=reason):
            run(cast, "import_accounts", path)

    def test_needs_a_file_and_a_member(self, cast: Cast, path: Path) -> None:
        with pytest.raises(CommandError, match="No such file"):
            run(cast, "import_accounts", path)
        path.write_bytes(lines())
        with pytest.raises(CommandError, match="No active member"):
            call_command(
                "import_accounts", path, organization=cast.organization.slug, email="x@y.example"
            )


class TestExportAccounts:
    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_writes_what_imports_again(self, cast: Cast, tmp_path: Path, kind: str) -> None:
        with cast.acting():
            factories.account(name="Acme")
        path = tmp_path / f"out.{kind}"
        printed = run(cast, "export_accounts", "--format", kind, "--output", path)
        assert "1 accounts" in printed
        (row,) = read_table(path.read_bytes()).rows()
        assert row.cells[0] == "Acme"
        assert "0 new, 0 changed, 1 unchanged" in run(cast, "import_accounts", path)

    def test_leaves_archived_accounts_out_unless_asked(self, cast: Cast, tmp_path: Path) -> None:
        from accounts.services import archive_account
        from tests.integration.imports.files import NOW

        with cast.acting():
            archive_account(factories.account(name="Acme"), at=NOW)
        path = tmp_path / "out.csv"
        run(cast, "export_accounts", "--output", path)
        assert list(read_table(path.read_bytes()).rows()) == []
        run(cast, "export_accounts", "--output", path, "--archived")
        assert len(list(read_table(path.read_bytes()).rows())) == 1
