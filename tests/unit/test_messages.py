"""A template made into a message for one reader."""

import pytest

from playbooks.changes import global_step
from playbooks.messages import message_of, sends_itself
from playbooks.sayings import Said

VALUES = {"contact_name": "Ada", "account_name": "Nord\nlicht", "csm_name": ""}


@pytest.mark.parametrize(
    ("template", "subject", "paragraphs"),
    [
        ("News for {account_name}\n\nHello", "News for Nord licht", ("Hello",)),
        ("News\r\n\r\nHello {contact_name}", "News", ("Hello \u2068Ada\u2069",)),
        ("Hello\nyou\n\nBye", "", ("Hello\nyou", "Bye")),
        ("One line alone", "", ("One line alone",)),
        ("Line\n\n\n\n", "", ("Line",)),
        ("News\n\nA {{brace}}\n\n\n\nBye", "News", ("A {brace}", "Bye")),
    ],
)
def test_its_first_line_is_the_subject_where_it_stands_alone(
    template: str, subject: str, paragraphs: tuple[str, ...]
) -> None:
    message = message_of(Said(template), VALUES)
    assert (message.subject, message.paragraphs) == (subject, paragraphs)


def test_what_is_not_known_is_named_and_left() -> None:
    message = message_of(Said("{csm_name} and {nobody}", "ja"), VALUES)
    assert message.missing == ("csm_name", "nobody")
    assert message.text == "{csm_name} and {nobody}"
    assert message.language == "ja"


@pytest.mark.parametrize(
    ("fields", "itself"),
    [
        ({"kind": "digital", "channel": "email", "message": "Hello"}, True),
        ({"kind": "digital", "channel": "message", "message": "Hello"}, False),
        ({"kind": "email", "channel": "email", "message": "Hello"}, False),
        ({"kind": "digital", "channel": "email", "message": ""}, False),
    ],
)
def test_a_digital_mail_with_words_sends_itself(fields: dict[str, str], itself: bool) -> None:
    assert sends_itself(global_step("lessons", fields).fields) is itself
