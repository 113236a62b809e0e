import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.database_roles import (
    backup_statements,
    grant_statements,
    identifier,
    literal,
    role_statements,
)

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


class TestQuoting:
    @pytest.mark.parametrize(
        ("name", "quoted"), [("app", '"app"'), ('a"b', '"a""b"'), ("Übung", '"Übung"')]
    )
    def test_doubles_the_quotes_of_a_name(self, name: str, quoted: str) -> None:
        assert identifier(name) == quoted

    @pytest.mark.parametrize(
        ("value", "quoted"), [("it", "'it'"), ("it's", "'it''s'"), ("a\\'b", " E'a\\\\''b'")]
    )
    def test_doubles_the_quotes_and_backslashes_of_a_value(self, value: str, quoted: str) -> None:
        assert literal(value) == quoted

    @pytest.mark.parametrize("quote", [identifier, literal])
    def test_refuses_what_postgresql_cannot_store(self, quote: object) -> None:
        assert callable(quote)
        with pytest.raises(ValueError, match="NUL"):
            quote("a\0b")

    @given(TEXT)
    def test_leaves_no_way_out_of_a_value(self, value: str) -> None:
        inner = literal(value).removeprefix(" E")[1:-1]
        assert inner.replace("''", "").replace("\\\\", "").count("'") == 0


class TestRoleStatements:
    def test_name_each_role_with_its_own_password(self) -> None:
        statements = role_statements("boss", "p1", "serves", "p2", "cs")
        (boss,) = [each for each in statements if each.startswith('ALTER ROLE "boss"')]
        (serves,) = [each for each in statements if each.startswith('ALTER ROLE "serves"')]
        assert boss.endswith("PASSWORD 'p1'")
        assert serves.endswith("PASSWORD 'p2'")
        for statement in (boss, serves):
            assert "NOSUPERUSER" in statement
            assert "NOBYPASSRLS" in statement

    def test_end_with_the_grants(self) -> None:
        grants = grant_statements("boss", "serves", "cs")
        assert role_statements("boss", "p1", "serves", "p2", "cs")[-len(grants) :] == grants


class TestBackupStatements:
    def test_make_a_role_that_reads_everything_and_writes_nothing(self) -> None:
        statements = backup_statements("keeps", "p3", "cs")
        (alter,) = [each for each in statements if " LOGIN " in each]
        assert alter.startswith('ALTER ROLE "keeps" LOGIN BYPASSRLS NOSUPERUSER')
        assert alter.endswith("PASSWORD 'p3'")
        assert 'ALTER ROLE "keeps" SET default_transaction_read_only = on' in statements
        assert [each for each in statements if each.startswith("GRANT")] == [
            'GRANT CONNECT ON DATABASE "cs" TO "keeps"',
            'GRANT pg_read_all_data TO "keeps"',
        ]
