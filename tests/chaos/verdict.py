"""What the fire has left, against what an undisturbed planning makes."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

from tests.chaos.scenario import CHECK_INS, PLACES, STEPS, Scenario

LEASES = "SELECT sum(lease_token) FROM engagement_regionplanning"
STUCK = "SELECT count(*) FROM engagement_regionplanning WHERE leased_until IS NOT NULL"
NOT_AHEAD = "SELECT count(*) FROM engagement_regionplanning WHERE next_at <= clock_timestamp()"
FAILURES = "SELECT failure FROM engagement_regionplanning WHERE failure <> ''"
UNAUDITED = """
SELECT count(*) FROM engagement_task t WHERE t.planned_by_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM tenants_auditentry a
    WHERE a.organization_id = t.organization_id AND a."table" = 'engagement_marketpass'
      AND a.row_id = t.planned_by_id)
"""


RUNS = "SELECT account_id, count(*) FROM engagement_run GROUP BY account_id"
INCOMPLETE_RUNS = """
SELECT count(*) FROM engagement_run r
WHERE (SELECT count(*) FROM engagement_task t WHERE t.run_id = r.id) <> %s
   OR NOT EXISTS (SELECT FROM engagement_triggerfiring f WHERE f.run_id = r.id)
"""
UNTOLD_RUNS = """
SELECT count(*) FROM engagement_run r WHERE (
    SELECT count(*) FROM outbox_webhookdelivery d WHERE d.payload->>'id' = r.id::text) <> 1
"""
UNDELIVERED = "SELECT count(*) FROM outbox_webhookdelivery WHERE status <> 'delivered'"
MESSAGES = "SELECT message_id FROM outbox_webhookdelivery"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Counts; all but the first five must be zero."""

    expected: int
    leases: int
    runs: int
    messages: int
    repeated: int
    lost: int
    duplicate: int
    unexpected: int
    misplaced: int
    left_behind: int
    stuck_leases: int
    regions_not_ahead: int
    unaudited: int
    runs_lost: int
    runs_doubled: int
    runs_incomplete: int
    runs_untold: int
    undelivered: int
    never_received: int
    unknown_received: int
    differing_repeats: int
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
                    self.runs_lost,
                    self.runs_doubled,
                    self.runs_incomplete,
                    self.runs_untold,
                    self.undelivered,
                    self.never_received,
                    self.unknown_received,
                    self.differing_repeats,
                )
            )
        )


def judge(scenario: Scenario, received: Path) -> Verdict:
    """Compare the database, and what the receiving end noted, with what was expected."""
    bodies: dict[str, list[str]] = defaultdict(list)
    for line in received.read_text().splitlines():
        message, body = line.split()
        bodies[message].append(body)
    with scenario.superuser() as connection:

        def number(statement: LiteralString, *values: int) -> int:
            row = connection.execute(statement, values).fetchone()
            assert row is not None
            return int(row[0])

        check_ins = connection.execute(CHECK_INS).fetchall()
        places = frozenset(connection.execute(PLACES).fetchall())
        identities = Counter((enrolment, nominal) for enrolment, nominal, *_ in check_ins)
        planned = frozenset(check_ins)
        runs = dict(connection.execute(RUNS).fetchall())
        messages = {message for (message,) in connection.execute(MESSAGES).fetchall()}
        return Verdict(
            expected=len(scenario.expected.check_ins),
            leases=number(LEASES),
            runs=sum(runs.values()),
            messages=len(messages),
            repeated=sum(len(each) > 1 for each in bodies.values()),
            lost=len(scenario.expected.check_ins - planned),
            duplicate=sum(count - 1 for count in identities.values()),
            unexpected=len(planned - scenario.expected.check_ins),
            misplaced=len(scenario.expected.places - places),
            left_behind=scenario.left_behind,
            stuck_leases=number(STUCK),
            regions_not_ahead=number(NOT_AHEAD),
            unaudited=number(UNAUDITED),
            runs_lost=scenario.accounts - len(runs),
            runs_doubled=sum(count - 1 for count in runs.values()),
            runs_incomplete=number(INCOMPLETE_RUNS, STEPS),
            runs_untold=number(UNTOLD_RUNS),
            undelivered=number(UNDELIVERED),
            never_received=len(messages - bodies.keys()),
            unknown_received=len(bodies.keys() - messages),
            differing_repeats=sum(len(set(each)) > 1 for each in bodies.values()),
            failures=tuple(row[0] for row in connection.execute(FAILURES).fetchall()),
        )
