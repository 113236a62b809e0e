"""From a case that Schemathesis drew to a request that gets deep.

Ids that were made up find nothing. So most of them become ids of rows that are there, some of
them ids of the other organization's, and days become days on which something happens.
"""

import datetime as dt
import re
from dataclasses import dataclass, field
from random import Random
from typing import Any

import requests
from django.db import models
from schemathesis import Case

from regions.library import load_library
from tests.fuzz.stage import REFERENCES, ROLES, Stage

ADDRESS = "http://testserver"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire."""

    method: str
    path: str
    """With the query, percent-encoded."""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __str__(self) -> str:
        headers = "".join(f"\n  {name}: {value[:200]!r}" for name, value in self.headers.items())
        return f"{self.method} {self.path[:500]}{headers}\n  {self.body[:1000]!r}"


class Weaver:
    """Weaves rows of the stage into the cases of one operation."""

    def __init__(self, stage: Stage, model: type[models.Model] | None, today: dt.date) -> None:
        self._stage = stage
        self._model = model
        self._today = today
        self._library = sorted(load_library())

    def request(self, case: Case, dice: Random) -> Sent:
        """Return the request that ``case`` becomes."""
        case.path_parameters = {
            name: self._of_path(name, value, dice) for name, value in case.path_parameters.items()
        }
        case.query = self._woven(case.query, dice)
        case.body = self._woven(case.body, dice)
        arguments = case.as_transport_kwargs(base_url=ADDRESS)
        arguments["headers"] = {
            **case.headers,
            **({"Content-Type": case.media_type} if case.media_type else {}),
            **self._precondition(case, dice),
            **self._identity(dice),
        }
        prepared = requests.Request(**arguments).prepare()
        body = prepared.body or b""
        return Sent(
            str(prepared.method),
            str(prepared.url).removeprefix(ADDRESS),
            {name: _latin(value) for name, value in prepared.headers.items()},
            body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body),
        )

    def _of_path(self, name: str, value: Any, dice: Random) -> Any:
        if name == "code":
            return dice.choice([value, *self._library])
        return self._id(self._model, value, dice)

    def _id(self, model: type[models.Model] | None, value: Any, dice: Random) -> Any:
        own, foreign = self._stage.own, self._stage.foreign
        if model not in own:
            return value
        return dice.choices([own[model], foreign[model], value], [6, 2, 2])[0]

    def _woven(self, value: Any, dice: Random, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._woven(item, dice, str(key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._woven(item, dice, name) for item in value]
        if not isinstance(value, str):
            return value
        if _UUID.fullmatch(value):
            model = self._model if name == "id" else REFERENCES.get(name)
            return self._id(model or dice.choice(list(self._stage.own)), value, dice)
        if _DAY.fullmatch(value):
            near = self._today + dt.timedelta(days=dice.randint(-10, 60))
            return dice.choice([value, near.isoformat()])
        if _EMAIL.fullmatch(value):
            return dice.choice([value, self._stage.foreign_address])
        if name == "code":
            return dice.choice([value, *self._library])
        return value

    def _precondition(self, case: Case, dice: Random) -> dict[str, str]:
        version = self._stage.versions.get(self._model) if self._model else None
        if "id" not in case.path_parameters or case.method == "GET" or version is None:
            return {}
        current, stale = f'"{version}"', f'"{version + 7}"'
        drawn = dice.choices([current, "*", stale, None], [6, 1, 1, 2])[0]
        return {} if drawn is None else {"If-Match": drawn}

    def _identity(self, dice: Random) -> dict[str, str]:
        who = dice.choices(["admin", *ROLES, "reader", "stranger", "nobody"], [24, *[1] * 8])[0]
        if who == "nobody":
            return {}
        return {"Authorization": f"Bearer {self._stage.keys.get(who, 'csp_nothing')}"}


def _latin(value: str | bytes) -> str:
    """Return a header as WSGI hands it on."""
    raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return raw.decode("latin-1")
