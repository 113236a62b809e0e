"""The fields of a step: those of its model, and read strictly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from playbooks.fields import empty_step, read_change, read_step
from playbooks.models import Step
from playbooks.models.step import STEP_FIELDS
from tenants.models import VersionedTenantModel

BARE = {"title": "Call", "outcome": "It is settled.", "kind": "call"}


class TestTheFieldsOfAStep:
    def test_are_those_of_its_model(self) -> None:
        general = {field.name for field in VersionedTenantModel._meta.get_fields()}
        own = {field.name for field in Step._meta.local_fields} - general
        own -= {"id", "organization", "version"}
        assert own == {*STEP_FIELDS, "key", "playbook_version"}
        assert set(empty_step()) == set(STEP_FIELDS) - {"translations"}

    def test_are_read_as_the_model_holds_them(self) -> None:
        step = read_step({**BARE, "translations": {"fr": {"title": "Appel"}}})
        assert read_step(step) == step
        assert set(step) == set(STEP_FIELDS)

    @pytest.mark.parametrize("name", STEP_FIELDS)
    @pytest.mark.parametrize("value", ["x" * 30_000, True, 1.5, 10**30, [[]], {"x": 1}, None])
    def test_are_read_or_refused_whatever_is_given(self, name: str, value: Any) -> None:
        ways: list[Callable[[], dict[str, Any]]] = [
            lambda: read_step({**BARE, name: value}),
            lambda: read_change("kickoff", {name: value}),
        ]
        for read in ways:
            try:
                found = set(read())
            except ValidationError as error:
                found = {refused.partition(".")[0] for refused in error.message_dict}
            assert name in found


@pytest.mark.parametrize(
    ("name", "value", "nearest"),
    [
        ("kind", "cal", "call"),
        ("priority", "hihg", "high"),
        ("stakeholders", ["champoin"], "champion"),
    ],
)
def test_names_the_choices_and_the_nearest(name: str, value: Any, nearest: str) -> None:
    with pytest.raises(ValidationError, match=f"Choose one of .*Did you mean {nearest}") as caught:
        read_step({"title": "Call", "outcome": "You know us.", "kind": "call", name: value})
    assert list(caught.value.message_dict) == [name]
