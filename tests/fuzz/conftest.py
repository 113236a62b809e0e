"""What fuzzing came to, in figures."""

import time
from collections import Counter

import pytest

_started = time.monotonic()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how many operations met how many cases, and how these were answered."""
    answers = [
        answers
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, answers in report.user_properties
        if name == "answers"
    ]
    if not answers:
        return
    total: Counter[str] = sum(map(Counter, answers), Counter())
    seed = config.getoption("hypothesis_seed", None)
    terminalreporter.section("fuzzing")
    terminalreporter.write_line(
        f"{len(answers)} operations, {total.total()} cases, {time.monotonic() - _started:.0f} s, "
        + (f"seed {seed}" if seed else "the same cases every time")
    )
    terminalreporter.write_line(
        ", ".join(f"{number} times {status}" for status, number in sorted(total.items()))
    )
