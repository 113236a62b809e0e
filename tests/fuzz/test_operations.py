"""Every operation of the document, hundreds of times: nothing breaks, nothing leaks.

Half of the cases are drawn by Schemathesis from the document; each of them is sent once more with
damage that no document describes. ``make fuzz`` sends more of them, with another seed.
"""

import json
import logging
import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import schemathesis
import time_machine
from django.db import models, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from cs_platform.api import router
from tests.fuzz.play import TODAY, Play
from tests.fuzz.stage import Case, Operation, Stage, set_stage
from toolkit.api.renderers import OrjsonRenderer

CASES = int(os.environ.get("FUZZ_CASES", "300"))

MODELS: dict[str, type[models.Model] | None] = {
    prefix: getattr(getattr(view, "queryset", None), "model", None)
    for prefix, view, _name in router.registry
}


def _operations() -> dict[str, Operation]:
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    schema = schemathesis.openapi.from_dict(json.loads(OrjsonRenderer().render(document)))
    schema.config.generation.update(with_security_parameters=False)
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return {operation.label: operation for operation in found}


OPERATIONS = _operations()


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """Set the stage once; the transaction in which all is played is rolled back at the end."""
    logging.disable(logging.CRITICAL)
    with time_machine.travel(TODAY), django_db_blocker.unblock(), transaction.atomic():
        yield set_stage()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("label", OPERATIONS)
def test_survives_what_is_sent(
    label: str, stage: Stage, request: pytest.FixtureRequest, record_property: Any
) -> None:
    operation = OPERATIONS[label]
    play = Play(stage, MODELS[operation.path.split("/")[3]])
    modes = [GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])

    @settings(
        max_examples=CASES // 2,
        phases=[Phase.generate],
        derandomize=request.config.getoption("hypothesis_seed") is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.integers(0, 2**32))
    def rehearse(case: Case, seed: int) -> None:
        play.scene(case, Random(seed))

    rehearse()
    record_property("answers", {str(status): number for status, number in play.answers.items()})
    assert not play.complaints, play.review()
    assert play.answers.total() >= CASES
