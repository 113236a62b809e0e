"""Check-ins to plan at a moment of our choosing, and whether any is lost."""

from dataclasses import dataclass

from tests.deployment.site import Site, wait_for

# Check-ins to come that nobody touched: as if their planning had not happened yet.
TO_COME = """
SELECT enrolment_id, min(nominal_date) FROM engagement_task
WHERE status = 'open' AND due_date > current_date + 1 AND closed_at IS NULL AND NOT is_flagged
  AND version = 1
GROUP BY enrolment_id
"""
TAKE_BACK = """
DELETE FROM engagement_task t USING unnest(%s::uuid[], %s::date[]) AS first (enrolment, nominal)
WHERE t.enrolment_id = first.enrolment AND t.nominal_date >= first.nominal
RETURNING t.enrolment_id, t.nominal_date
"""
NOT_PLANNED_YET = """
UPDATE engagement_enrolment e SET next_nominal = first.nominal, next_due = current_date
FROM unnest(%s::uuid[], %s::date[]) AS first (enrolment, nominal) WHERE e.id = first.enrolment
"""
MAKE_DUE = "UPDATE engagement_regionplanning SET next_at = clock_timestamp(), leased_until = NULL"
BUSY = """
SELECT count(*) FROM engagement_regionplanning
WHERE next_at <= clock_timestamp() OR leased_until IS NOT NULL
"""
LEASED = "SELECT count(*) FROM engagement_regionplanning WHERE leased_until > clock_timestamp()"
CHECK_INS = "SELECT enrolment_id, nominal_date FROM engagement_task"


@dataclass(frozen=True, slots=True)
class Morning:
    """Check-ins that a planning has to make, as the regions are due from now on."""

    site: Site
    expected: frozenset[tuple[object, ...]]

    def lost(self) -> int:
        """Return how many of them are not there."""
        with self.site.superuser() as connection:
            return len(self.expected - set(connection.execute(CHECK_INS).fetchall()))

    def wait(self, seconds: float = 120) -> float:
        """Wait until nothing is due or held; return how long that took."""
        return wait_for("planning", lambda: count(self.site, BUSY) == 0, seconds)

    def wait_until_somebody_plans(self) -> None:
        """Wait until a worker holds a region."""
        wait_for("a lease", lambda: count(self.site, LEASED) > 0)


def a_morning_comes(site: Site) -> Morning:
    """Undo planning as if it had not happened, and have every region due."""
    with site.superuser() as connection, connection.transaction():
        first = connection.execute(TO_COME).fetchall()
        places = [enrolment for enrolment, _ in first], [nominal for _, nominal in first]
        taken = connection.execute(TAKE_BACK, places).fetchall()
        connection.execute(NOT_PLANNED_YET, places)
        connection.execute(MAKE_DUE)
    return Morning(site, frozenset(taken))


def count(site: Site, sql: str) -> int:
    """Return the number that a statement counts."""
    with site.superuser() as connection:
        row = connection.execute(sql.encode()).fetchone()
    assert row is not None
    return int(str(row[0]))


def rows_by_table(site: Site) -> dict[str, int]:
    """Return how many rows each table has."""
    with site.superuser() as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
    return {str(name): count(site, f'SELECT count(*) FROM "{name}"') for (name,) in names}
