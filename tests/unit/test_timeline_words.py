"""What the timeline says: every happening has its sentence, in every language."""

import re

import pytest
from django.conf import settings
from django.utils.translation import override

from engagement.timeline_words import _SENTENCES, Fact, Happening, changes, sentence
from tests.conftest import day

FACTS: dict[str, Fact] = {
    "title": "Kick-off",
    "name": "Ana Lima",
    "market": "Japan",
    "trigger": "90 days to go",
    "why": "Under way already",
    "channel": "Call",
    "changes": "Stage: from Onboarding to Value",
    "day": day("2028-02-29"),
    "before": day("2026-05-14"),
    "after": day("2026-05-18"),
}


@pytest.mark.parametrize("what", list(Happening))
@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_happening_is_said(what: Happening, language: str) -> None:
    with override("en"):
        english = str(_SENTENCES[what])
    with override(language):
        text = sentence(what, FACTS)
    assert "%(" not in text
    for name in re.findall(r"%\((\w+)\)s", english):
        fact = FACTS[name]
        assert not isinstance(fact, str) or fact in text


def test_days_are_written_with_their_year() -> None:
    assert sentence(Happening.TASK_MOVED, FACTS) == (
        "Moved from Thu, May 14, 2026 to Mon, May 18, 2026: Kick-off"
    )
    assert "Feb 29, 2028" in sentence(Happening.TASK_MISSED, FACTS)


def test_changes_name_what_was_not_known() -> None:
    said = changes([("Renewal", "", day("2026-12-31")), ("Owner", "Ana", "Nobody")])
    assert said == "Renewal: from nothing to Thu, Dec 31, 2026, Owner: from Ana to Nobody"
