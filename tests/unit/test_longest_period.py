"""The longest period is one rule, told to people by the services and kept by the rhythm."""

from accounts.choices import LONGEST_PERIOD
from engagement.rhythm import LONGEST


def test_services_refuse_exactly_what_a_rhythm_cannot_be() -> None:
    assert {unit.value: most for unit, most in LONGEST.items()} == {
        str(unit): most for unit, most in LONGEST_PERIOD.items()
    }
