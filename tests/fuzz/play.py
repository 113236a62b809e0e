"""Send the cases of one operation, and keep what is to be complained of."""

import datetime as dt
from collections import Counter
from io import BytesIO
from random import Random
from typing import Any

from django.db import models, transaction
from django.test import Client

from tests.fuzz import verdict
from tests.fuzz.damage import damage
from tests.fuzz.stage import Case, Stage
from tests.fuzz.weaving import Sent, Weaver

SAFE = {"GET", "HEAD", "OPTIONS"}
TODAY = dt.date(2026, 5, 13)
COMPLAINTS_KEPT = 8

_client = Client()


class Play:
    """All scenes of one operation. Each begins on the stage as it was set."""

    def __init__(self, stage: Stage, model: type[models.Model] | None) -> None:
        self._stage = stage
        self._weaver = Weaver(stage, model, TODAY)
        self._others = stage.others()
        self.answers: Counter[int] = Counter()
        self.complaints: dict[str, Sent] = {}

    def scene(self, case: Case, dice: Random) -> None:
        """Send a case, then the same with something about it damaged."""
        if len(self.complaints) >= COMPLAINTS_KEPT:
            return
        with transaction.atomic():
            sent = self._weaver.request(case, dice)
            self._send(sent, case)
            damaged = damage(sent, dice)
            same_operation = _address(damaged) == _address(sent) and damaged.method == sent.method
            self._send(damaged, case if same_operation else None)
            transaction.set_rollback(True)

    def review(self) -> str:
        """Return the complaints, each with the request that led to it."""
        return "\n\n".join(f"{what}\n{sent}" for what, sent in self.complaints.items())

    def _send(self, sent: Sent, case: Case | None) -> None:
        try:
            response = _answer(sent)
        except Exception as error:
            self._complain(verdict.of_crash(error), sent)
            return
        self.answers[response.status_code] += 1
        for complaint in verdict.of_answer(response, sent, self._stage):
            self._complain(complaint, sent)
        if case is not None:
            for complaint in verdict.of_conformance(case, response):
                self._complain(complaint, sent)
        if response.status_code < 400 and sent.method not in SAFE:
            self._look_over_the_wall(sent)

    def _look_over_the_wall(self, sent: Sent) -> None:
        if self._stage.others() != self._others:
            self._complain("The second organization is no longer what it was", sent)

    def _complain(self, what: str, sent: Sent) -> None:
        self.complaints.setdefault(what, sent)


def _answer(sent: Sent) -> Any:
    """Return what the application answers."""
    _client.cookies.clear()
    # The test client's own stream would fail where a body is shorter than it claims to be.
    stream: dict[str, Any] = {"wsgi.input": BytesIO(sent.body)}
    return _client.generic(sent.method, sent.path, sent.body, headers=sent.headers, **stream)


def _address(sent: Sent) -> str:
    return sent.path.partition("?")[0]
