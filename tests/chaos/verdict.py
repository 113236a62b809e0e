"""What the fire has left, against what an undisturbed planning makes."""

from collections import Counter
from dataclasses import dataclass

from tests.chaos.scenario import CHECK_INS, PLACES, Scenario

LEASES = "SELECT sum(lease_token) FROM engagement_regionplanning"
STUCK = "SELECT count(*) FROM engagement_regionplanning WHERE leased_until IS NOT NULL"
NOT_AHEAD = "SELECT count(*) FROM engagement_regionplanning WHERE next_at <= clock_timestamp()"
FAILURES = "SELECT failure FROM engagement_regionplanning WHERE failure <> ''"
UNAUDITED = """
SELECT count(*) FROM engagement_task t WHERE NOT EXISTS (
    SELECT FROM tenants_auditentry a
    WHERE a.organization_id = t.organization_id AND a."table" = 'engagement_marketpass'
      AND a.row_id = t.planned_by_id)
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Counts; all but the first two must be zero."""

    expected: int
    leases: int
    lost: int
    duplicate: int
    unexpected: int
    misplaced: int
    left_behind: int
    stuck_leases: int
    regions_not_ahead: int
    unaudited: int
    failures: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether nothing is lost, double or stuck."""
        return (
            self.expected > 0
            and not self.failures
            and not any(
                (
                    self.lost,
                    self.duplicate,
                    self.unexpected,
                    self.misplaced,
                    self.left_behind,
                    self.stuck_leases,
                    self.regions_not_ahead,
                    self.unaudited,
                )
            )
        )


def judge(scenario: Scenario) -> Verdict:
    """Compare the database with what was expected."""
    with scenario.superuser() as connection:

        def number(statement: str) -> int:
            row = connection.execute(statement).fetchone()
            assert row is not None
            return int(row[0])

        check_ins = connection.execute(CHECK_INS).fetchall()
        places = frozenset(connection.execute(PLACES).fetchall())
        identities = Counter((enrolment, nominal) for enrolment, nominal, *_ in check_ins)
        planned = frozenset(check_ins)
        return Verdict(
            expected=len(scenario.expected.check_ins),
            leases=number(LEASES),
            lost=len(scenario.expected.check_ins - planned),
            duplicate=sum(count - 1 for count in identities.values()),
            unexpected=len(planned - scenario.expected.check_ins),
            misplaced=len(scenario.expected.places - places),
            left_behind=scenario.left_behind,
            stuck_leases=number(STUCK),
            regions_not_ahead=number(NOT_AHEAD),
            unaudited=number(UNAUDITED),
            failures=tuple(row[0] for row in connection.execute(FAILURES).fetchall()),
        )
