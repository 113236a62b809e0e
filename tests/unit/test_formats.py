"""Days and sentences as the reader writes them."""

import pytest

from toolkit.formats import sentence


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Verschoben auf Fr., 27. Nov..", "Verschoben auf Fr., 27. Nov."),
        ("Zusammen 2 Std.. Jede steht am Tag.", "Zusammen 2 Std. Jede steht am Tag."),
        ("Moved to Fri, Nov 27.", "Moved to Fri, Nov 27."),
        ("Who knows...", "Who knows..."),
        ("v1..2", "v1..2"),
    ],
)
def test_a_sentence_has_one_full_stop(said: str, written: str) -> None:
    assert sentence(said) == written
