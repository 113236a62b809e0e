"""What the fuzzing found out, in figures."""

import os
from collections import Counter
from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many operations met how many cases, and how they were answered."""
    statuses: Counter[int] = Counter()
    operations = 0
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "statuses" and report.when == "call":
                    operations += 1
                    statuses.update({int(status): number for status, number in value.items()})
                    if os.environ.get("FUZZ_SHOW"):
                        terminalreporter.write_line(
                            f"{report.nodeid[-60:]} {dict(sorted(value.items()))}"
                        )
    if operations:
        answers = ", ".join(f"{number} {status}" for status, number in sorted(statuses.items()))
        terminalreporter.section("fuzzing")
        terminalreporter.write_line(f"{operations} operations, {statuses.total()} cases: {answers}")
