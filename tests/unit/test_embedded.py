import stat
from pathlib import Path

import pytest

from cs_platform.embedded import (
    AlreadyRunning,
    Servers,
    StartError,
    data_directory,
    lock,
    running_environment,
    secret,
    write_environment,
)
from cs_platform.embedded.binaries import postgres_bin, redis_server
from cs_platform.supervisor import port_number


class TestDataDirectory:
    def test_lies_in_the_repository_unless_named(self) -> None:
        root = Path(__file__).resolve().parents[2]
        assert data_directory({}) == root / ".data"
        assert data_directory({"DATA_DIR": ""}) == root / ".data"
        assert data_directory({"DATA_DIR": "other"}) == root / "other"
        assert data_directory({"DATA_DIR": "/srv/cs"}) == Path("/srv/cs")

    def test_has_one_holder(self, tmp_path: Path) -> None:
        with lock(tmp_path), pytest.raises(AlreadyRunning, match=str(tmp_path)), lock(tmp_path):
            pass
        with lock(tmp_path):
            pass

    def test_that_cannot_be_made_is_an_error_for_people(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(StartError, match="set DATA_DIR"), lock(tmp_path / "file" / "data"):
            pass

    def test_keeps_each_secret_and_shows_it_to_nobody(self, tmp_path: Path) -> None:
        first = secret(tmp_path, "owner")
        assert len(first) >= 50
        assert secret(tmp_path, "app") != first
        assert secret(tmp_path, "owner") == first
        assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


class TestRunningEnvironment:
    def test_is_empty_when_nothing_ever_ran(self, tmp_path: Path) -> None:
        assert running_environment(tmp_path) == {}
        assert running_environment(tmp_path / "missing") == {}

    def test_is_what_the_running_copy_wrote(self, tmp_path: Path) -> None:
        written = {"DATABASE_URL": "postgres://app:a=b@127.0.0.1:20000/cs", "SECRET_KEY": "x"}
        with lock(tmp_path), write_environment(tmp_path, written):
            assert running_environment(tmp_path) == written
        assert running_environment(tmp_path) == {}

    def test_is_empty_after_a_copy_that_was_killed(self, tmp_path: Path) -> None:
        with lock(tmp_path):
            pass
        (tmp_path / "env").write_text("DATABASE_URL=postgres://gone\n")
        assert running_environment(tmp_path) == {}


class TestServersOfYourOwn:
    def test_are_used_as_they_are(self, tmp_path: Path) -> None:
        own = {
            "DATABASE_URL": "postgres://app@db/cs",
            "DATABASE_OWNER_URL": "postgres://owner@db/cs",
            "REDIS_URL": "redis://cache/0",
            "SECRET_KEY": "mine",
        }
        with Servers(tmp_path, environ=own) as servers:
            assert servers.environment == own | {"DATA_DIR": str(tmp_path)}
            assert not servers.embeds_database
            assert servers.dead() is None
        assert list(tmp_path.iterdir()) == []

    def test_need_both_roles(self, tmp_path: Path) -> None:
        servers = Servers(tmp_path, environ={"DATABASE_URL": "postgres://app@db/cs"})
        with pytest.raises(StartError, match="DATABASE_OWNER_URL"), servers:
            pass


class TestBinaries:
    def test_named_by_hand_are_not_replaced_by_others(self, tmp_path: Path) -> None:
        with pytest.raises(StartError, match="No PostgreSQL found"):
            postgres_bin(None, {"PG_BIN": str(tmp_path)})
        with pytest.raises(StartError, match="No Redis found"):
            redis_server({"REDIS_BIN": str(tmp_path / "redis-server")})

    def test_of_a_version_that_is_missing_are_named_with_those_that_are_there(
        self, tmp_path: Path
    ) -> None:
        for name, script in (("initdb", ""), ("postgres", "echo 'postgres (PostgreSQL) 17.2'")):
            (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
            (tmp_path / name).chmod(0o755)
        environ = {"PG_BIN": str(tmp_path)}
        assert postgres_bin(17, environ) == tmp_path
        with pytest.raises(StartError, match="made by PostgreSQL 16, and only 17"):
            postgres_bin(16, environ)


class TestPortNumber:
    def test_is_8000_unless_named(self) -> None:
        assert port_number({}) == 8000
        assert port_number({"PORT": "8001"}) == 8001

    @pytest.mark.parametrize("text", ["web", "0", "65536", "-1", "80.5", "٨٠٠٠"])
    def test_must_be_a_port(self, text: str) -> None:
        with pytest.raises(StartError, match="PORT"):
            port_number({"PORT": text})
