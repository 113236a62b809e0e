"""Carry out docs/deployment.md on this machine: ``python -m tests.deployment``.

Needs Debian's postgresql-15, redis-server, nginx and chromium, and root, which gives each program
an account of its own. Uses none of the machine's own servers; leaves nothing behind.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deployment.site import POSTGRES, Site, StepFailed, missing_programs, wait_for
from tests.deployment.visit import Requests, fetch, mail_server, sign_in
from tests.deployment.work import a_morning_comes, rows_by_table

KILLS = 3
HOLDS = {"strict-transport-security": "max-age=31536000", "content-security-policy": "'self'"}


def main() -> int:
    """Carry out every chapter; the exit code tells whether all went as written."""
    parser = argparse.ArgumentParser(prog="python -m tests.deployment", description=__doc__)
    parser.add_argument("--port", type=int, default=21000, help="the first of 20 free ports")
    parser.add_argument("--pause", type=int, default=60, help="seconds without a worker")
    parser.add_argument("--keep", action="store_true", help="leave the folder to look at")
    options = parser.parse_args()
    if missing := missing_programs():
        print(f"Needed and not there: {', '.join(missing)}")
        return 1
    folder = Path(tempfile.mkdtemp(prefix="rehearsal-"))
    folder.chmod(0o755)
    try:
        with mail_server(options.port + 5):
            rehearse(folder, options.port, options.pause)
    except StepFailed as error:
        print(f"FAILED: {error}")
        return 1
    finally:
        if options.keep:
            print(f"Kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def rehearse(folder: Path, port: int, pause: int) -> None:
    """Install, serve, upgrade under load, kill, back up, and restore elsewhere."""
    (folder / "first").mkdir()
    (folder / "second").mkdir()
    dump = folder / "cs.dump"
    with Site(folder / "first", port) as site:
        install(site)
        serve(site)
        look(site)
        upgrade(site, pause)
        survive(site)
        back_up(site, dump)
        with Site(folder / "second", port + 10) as other:
            restore(site, other, dump)
            forget(other)


@contextmanager
def step(what: str) -> Iterator[list[str]]:
    """Print a step with what was seen and how long it took."""
    seen: list[str] = []
    start = time.monotonic()
    yield seen
    print(f"{time.monotonic() - start:6.1f} s  {what}: {'; '.join(seen) or 'done'}", flush=True)


def install(site: Site) -> None:
    """Build the release, start the servers, make roles and tables."""
    with step("the Containerfile's commands, in an empty folder"):
        site.install()
    with step("an empty PostgreSQL 15 and Redis"):
        site.start_servers()
    site.configure(
        EMAIL_URL=f"smtp://127.0.0.1:{site.mail_port}",
        PUBLIC_URL=f"https://localhost:{site.https_port}",
        PLANNING_TICK_SECONDS="5",
        PLANNING_LEASE_SECONDS="20",
    )
    with step("setup_database") as seen:
        seen.append(site.manage("setup_database", owning=True).strip())
        site.manage("setup_database", owning=True)
        seen.append("the same again")
    with step("migrate"):
        site.manage("migrate", owning=True)


def serve(site: Site) -> None:
    """Start web, worker, beat and proxy."""
    with step("web, worker, beat from the systemd units, nginx with TLS") as seen:
        for name in ("web", "worker", "beat"):
            site.start_service(name)
        site.start_proxy()
        seconds = wait_for("/healthz", lambda: _status(site, "/healthz") == 200)
        seen.append(f"/healthz after {seconds:.1f} s")
        wait_for("/readyz", lambda: _status(site, "/readyz") == 200)
        seen.append(f"/readyz {fetch(site, '/readyz').json()['figures']}")


def look(site: Site) -> None:
    """Do what people do: sign in, ask the API, ask the doctor."""
    with step("two organizations with data") as seen:
        told = site.manage("load_demo")
        (password,) = re.findall(r"^Password of everybody: (\S+)", told, re.MULTILINE)
        email = re.findall(r"^(\S+@\S+) ", told, re.MULTILINE)[0]
        accounts = rows_by_table(site)["accounts_account"]
        seen.append(f"{accounts} accounts")
    with step("http is sent to https") as seen:
        answer = fetch(site, "/login/?next=/", scheme="http")
        _expect(answer.status == 301, f"status {answer.status}")
        seen.append(f"301 to {answer.headers['Location']}")
    with step("sign-in with a browser over https") as seen:
        headers = sign_in(site, email, password)
        for name, part in HOLDS.items():
            _expect(part in headers[name], f"{name}: {headers[name]!r}")
        _expect(headers["__Host-session"] == "SameSite=Lax, secure, httpOnly", str(headers))
        seen += [f"{name}: {value}" for name, value in headers.items()]
    with step("an API call with a key") as seen:
        site.manage("create_organization", "Acme", "--admin=ana@acme.example", PASSWORD=password)
        key = site.manage(
            *("create_api_key", "--organization=acme", "--email=ana@acme.example"),
            "--scope=write",
        ).strip()
        adopted = fetch(site, "/api/v1/markets/adopt/", key=key, data={"code": "JP"})
        _expect(adopted.status == 201, f"status {adopted.status}: {adopted.body!r}")
        listed = fetch(site, "/api/v1/markets/", key=key)
        _expect(listed.status == 200, f"status {listed.status}")
        seen.append(
            f"adopted {adopted.json()['name']}, without a key {_status(site, '/api/v1/markets/')}"
        )
    doctor(site)
    with step("planning of a morning") as seen:
        morning = a_morning_comes(site)
        seconds = morning.wait()
        _expect(morning.lost() == 0, f"{morning.lost()} lost")
        seen.append(f"{len(morning.expected)} check-ins, {seconds:.1f} s, 0 lost")


def forget(site: Site) -> None:
    """Shorten the audit trail as the owner; the serving role must fail."""
    with step("the owner shortens the audit trail") as seen:
        statement = "DELETE FROM tenants_auditentry WHERE at < now() - interval '1 minute'"
        deleted = site.run("psql", "--set=ON_ERROR_STOP=1", "-c", statement, site.url("owner"))
        _expect(deleted.strip() not in ("", "DELETE 0"), f"it says {deleted!r}")
        seen.append(deleted.strip())
        try:
            site.run("psql", "--set=ON_ERROR_STOP=1", "-c", statement, site.url("app"))
        except StepFailed as error:
            seen.append(f"app may not: {str(error).strip().splitlines()[-1]}")
        else:
            raise StepFailed("app may shorten the audit trail")


def doctor(site: Site) -> None:
    """Have the doctor look, who must find nothing."""
    with step("doctor") as seen:
        try:
            entries = json.loads(site.manage("doctor", "--json"))
        except StepFailed as error:
            raise StepFailed(f"the doctor finds something wrong: {error}") from error
        bad = [entry for entry in entries if entry["verdict"] != "ok"]
        _expect(not bad, f"the doctor says {bad}")
        seen.append(f"{len(entries)} checks, all ok")


def upgrade(site: Site, pause: int) -> None:
    """Stop the workers, let regions fall due, migrate, renew the web, start the workers."""
    with step(f"upgrade with {pause} s without a worker") as seen:
        stopped = max(site.stop("beat"), site.stop("worker"))
        morning = a_morning_comes(site)
        time.sleep(pause)
        late = fetch(site, "/readyz").json()["figures"]["planning_late_seconds"]
        _expect(morning.lost() == len(morning.expected), "somebody planned without a worker")
        site.manage("migrate", owning=True)
        with Requests(site) as requests:
            time.sleep(2)
            site.processes["web"].send_signal(signal.SIGHUP)
            time.sleep(8)
        _expect(requests.failed == 0, f"{requests.failed} requests failed")
        site.start_service("worker")
        site.start_service("beat")
        seconds = morning.wait()
        _expect(morning.lost() == 0, f"{morning.lost()} lost")
        seen += [
            f"stopped in {stopped:.1f} s",
            f"{late:.0f} s late",
            f"{requests.answered} requests during the renewal, 0 failed",
            f"{len(morning.expected)} check-ins planned {seconds:.1f} s after the start, 0 lost",
        ]


def survive(site: Site) -> None:
    """Kill the worker in the middle of planning."""
    with step(f"{KILLS} times kill -9 of the worker while it plans") as seen:
        held = 0
        morning = a_morning_comes(site)
        for _ in range(KILLS):
            morning.wait_until_somebody_plans()
            site.kill("worker")
            held += morning.lost() > 0
            site.start_service("worker")
            if not morning.lost():
                morning = a_morning_comes(site)
        seconds = morning.wait()
        _expect(morning.lost() == 0, f"{morning.lost()} lost")
        _expect(held > 0, "every kill came too late")
        seen.append(f"{held} kills hit work in progress")
        seen.append(f"{len(morning.expected)} check-ins, {seconds:.1f} s, 0 lost")


def back_up(site: Site, dump: Path) -> None:
    """Back up as the role for it; the owner must fail, as row security binds it."""
    with step("pg_dump as backup") as seen:
        site.run(POSTGRES / "pg_dump", "--format=custom", f"--file={dump}", site.url("backup"))
        seen.append(f"{dump.stat().st_size / 1e6:.1f} MB")
    with step("pg_dump as owner") as seen:
        said = subprocess.run(
            [POSTGRES / "pg_dump", "--file=/dev/null", site.url("owner")],
            capture_output=True,
            text=True,
            check=False,
        )
        _expect(said.returncode != 0, "the owner can dump: what for is there a backup role?")
        seen.append(said.stderr.strip().splitlines()[0])


def restore(site: Site, other: Site, dump: Path) -> None:
    """Restore into an empty cluster and start the platform on it."""
    os.symlink(site.folder / "cs", other.folder / "cs")
    with step("restore into an empty cluster") as seen:
        other.start_servers()
        other.configure(
            **{
                name: site.serving[name]
                for name in site.serving
                if name not in ("DATABASE_URL", "REDIS_URL")
            }
        )
        other.manage("setup_database", owning=True)
        other.run(
            *(POSTGRES / "pg_restore", "--exit-on-error", "--single-transaction"),
            *(f"--dbname={other.url('postgres')}", dump),
        )
        before, after = rows_by_table(site), rows_by_table(other)
        seen.append(f"{sum(after.values())} rows in {len(after)} tables")
    for name in ("beat", "worker", "web"):
        site.stop(name)
    serve(other)
    doctor(other)
    with step("planning of a morning, restored") as seen:
        differing = {name for name in before if before[name] != after.get(name)}
        _expect(differing <= {"django_session"}, f"rows differ in {differing}")
        morning = a_morning_comes(other)
        morning.wait()
        _expect(morning.lost() == 0, f"{morning.lost()} lost")
        seen.append(f"{len(morning.expected)} check-ins, 0 lost")


def _status(site: Site, path: str) -> int:
    try:
        return fetch(site, path).status
    except OSError:
        return 0


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise StepFailed(otherwise)


if __name__ == "__main__":
    sys.exit(main())
