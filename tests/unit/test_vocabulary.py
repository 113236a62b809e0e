"""The words of layer 1 are the names of layer 2."""

from governance.choices import STEP_FIELDS as NAMED
from governance.vocabulary import StepField
from playbooks.models.step import STEP_FIELDS


def test_guardrails_know_the_fields_of_steps() -> None:
    assert {field.value for field in StepField} == set(STEP_FIELDS)


def test_every_field_has_a_name_for_people() -> None:
    assert [value for value, _label in NAMED] == [field.value for field in StepField]
