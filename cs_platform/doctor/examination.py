"""All checks, in their order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cs_platform.doctor import configuration, database, running, supplies
from cs_platform.doctor.findings import Entry, Finding, Verdict, wrong


@dataclass(frozen=True, slots=True)
class Check:
    """A check and the one without which it makes no sense."""

    name: str
    examine: Callable[[], Finding]
    needs: str = ""


CHECKS = (
    Check("settings", configuration.settings_module),
    Check("secret key", configuration.secret_key),
    Check("operator key", configuration.operator_key),
    Check("addresses", configuration.addresses),
    Check("TLS", configuration.tls),
    Check("database", database.reachable),
    Check("database roles", database.serving_role, needs="database"),
    Check("database version", database.version, needs="database roles"),
    Check("database line", database.line, needs="database roles"),
    Check("durability", database.durability, needs="database roles"),
    Check("clock", database.database_clock, needs="database roles"),
    Check("connections", database.room_for_connections, needs="database roles"),
    Check("migrations", database.migrations, needs="database roles"),
    Check("ownership", database.ownership, needs="migrations"),
    Check("row security", database.row_security, needs="migrations"),
    Check("grants", database.grants, needs="migrations"),
    Check("functions", database.functions, needs="migrations"),
    Check("audit trail", database.audit_trail, needs="migrations"),
    Check("Redis", running.redis_server),
    Check("Redis on disk", running.redis_persistence, needs="Redis"),
    Check("workers", running.workers, needs="Redis"),
    Check("beat", running.beat, needs="Redis"),
    Check("planning", running.planning, needs="migrations"),
    Check("mail", configuration.mail_server),
    Check("letters", running.letters, needs="migrations"),
    Check("static files", supplies.static_files),
    Check("time zones", supplies.time_zones),
    Check("holidays", supplies.holidays),
)


def examine(checks: Sequence[Check] = CHECKS) -> Iterator[Entry]:
    """Yield what each check finds; one whose ground is missing is left out."""
    unsound: set[str] = set()
    for check in checks:
        if check.needs in unsound:
            unsound.add(check.name)
            continue
        finding = _outcome(check)
        if finding.verdict == Verdict.WRONG:
            unsound.add(check.name)
        yield Entry(check.name, finding)


def _outcome(check: Check) -> Finding:
    try:
        return check.examine()
    except Exception as error:
        return wrong(
            f"This could not be looked at: {type(error).__name__}: {error}",
            "Mend what is wrong above and run the doctor again.",
        )
