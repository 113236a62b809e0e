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

from cs_platform.openapi import WORDS
from regions.library import load_library
from tests.architecture.rows import CANARY
from tests.fuzz.stage import REFERENCES, ROLES, Case, Stage

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


# What stands in a field that is no free text; statuses and roles are drawn from their choices.
TEXTS = {name: words for name, words in WORDS.items() if name not in {"role", "status"}} | {
    "code": sorted(load_library()),
    "field": ("title", "offset", "depends_on", "translations", "translations.fr", ""),
    "key": ("onboarding", CANARY, "second"),
    "step": (CANARY, "second", ""),
    "subdivision": ("",),
}


class Weaver:
    """Weaves rows of the stage into the cases of one operation."""

    def __init__(self, stage: Stage, model: type[models.Model] | None, today: dt.date) -> None:
        self._stage = stage
        self._model = model
        self._version = stage.versions.get(model) if model else None
        self._today = today

    def request(self, case: Case, dice: Random) -> Sent:
        """Return the request that ``case`` becomes."""
        keen = dice.random() < 0.5
        case.path_parameters = self._woven(case.path_parameters, dice, keen=keen)
        case.query = self._woven(case.query, dice, keen=keen)
        case.body = self._woven(case.body, dice, keen=keen)
        arguments = case.as_transport_kwargs(base_url=ADDRESS)
        arguments["headers"] = {
            **case.headers,
            **({"Content-Type": case.media_type} if case.media_type else {}),
            **self._identity(dice),
        }
        self._condition(case, arguments["headers"], dice)
        prepared = requests.Request(**arguments).prepare()
        body: Any = prepared.body or b""
        return Sent(
            str(prepared.method),
            str(prepared.url).removeprefix(ADDRESS),
            {name: _latin(value) for name, value in prepared.headers.items()},
            body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body,
        )

    def _woven(self, value: Any, dice: Random, *, keen: bool, name: str = "") -> Any:
        """Return ``value`` with what is there woven in; all of it if ``keen`` on an answer."""
        if isinstance(value, dict):
            return {
                key: self._woven(item, dice, keen=keen, name=str(key))
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._woven(item, dice, keen=keen, name=name) for item in value]
        sensible = self._sensible(value, dice, name)
        if keen and sensible:
            return sensible[0]
        return dice.choice([value, *sensible])

    def _sensible(self, value: Any, dice: Random, name: str) -> list[Any]:
        """Return what may stand in a field instead, the most promising first."""
        if name == "version" and self._version is not None:
            return [self._version]
        if not isinstance(value, str):
            return []
        if _UUID.fullmatch(value):
            model = REFERENCES.get(name, self._model)
            if model is None or model not in self._stage.own:
                return []
            # One of two references is often all that may be.
            own = None if name in REFERENCES and dice.random() < 0.1 else self._stage.own[model]
            return [own, self._stage.foreign[model]]
        if _DAY.fullmatch(value):
            near = self._today + dt.timedelta(days=dice.randint(-10, 60))
            return [near.isoformat()]
        if _EMAIL.fullmatch(value):
            return [value, self._stage.foreign_address]
        words = [word for word in TEXTS.get(name, ()) if isinstance(word, str)]
        return dice.sample(words, len(words))

    def _condition(self, case: Case, headers: dict[str, str], dice: Random) -> None:
        """Name the version that is there, mostly; or another one, any, none."""
        version = self._version
        if "id" not in case.path_parameters or case.method == "GET" or version is None:
            return
        current, stale, as_drawn = f'"{version}"', f'"{version + 7}"', headers.get("If-Match")
        drawn = dice.choices([current, "*", stale, as_drawn, None], [6, 1, 1, 1, 1])[0]
        headers.pop("If-Match", None)
        if drawn is not None:
            headers["If-Match"] = drawn

    def _identity(self, dice: Random) -> dict[str, str]:
        who = dice.choices(["admin", *ROLES, "reader", "stranger", "nobody"], [24, *[1] * 8])[0]
        if who == "nobody":
            return {}
        return {"Authorization": f"Bearer {self._stage.keys.get(who, 'csp_nothing')}"}


def _latin(value: str | bytes) -> str:
    """Return a header as WSGI hands it on."""
    raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return raw.decode("latin-1")
