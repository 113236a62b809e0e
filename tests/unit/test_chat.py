"""Messages to chats: plain words, whatever people call their accounts."""

import json

import pytest

from outbox.chat import Message, masked, payload

NASTY = "<!channel> & <https://bad.example|click> [x](https://bad.example) **b**\n# h"
MESSAGE = Message(NASTY, ["one", NASTY], link="Go to Today", url="https://cs.example/?a=1&b=2")


def test_of_slack_hold_no_link_but_ours() -> None:
    text = payload("slack", MESSAGE)["text"]
    assert "&lt;!channel&gt; &amp; &lt;https://bad.example|click&gt;" in text
    assert text.count("<") == text.count(">") == 1
    assert text.endswith("<https://cs.example/?a=1&amp;b=2|Go to Today>")
    assert text.splitlines()[1] == "• one"
    assert len(text.splitlines()) == 4


def test_of_teams_are_a_card_of_plain_runs() -> None:
    sent = json.loads(json.dumps(payload("teams", MESSAGE)))
    (attachment,) = sent["attachments"]
    assert sent["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert {each["type"] for each in card["body"]} == {"RichTextBlock"}
    (run,) = card["body"][0]["inlines"]
    assert (run["type"], run["weight"], run["text"]) == (
        "TextRun",
        "Bolder",
        NASTY.replace("\n", " "),
    )
    assert card["actions"] == [
        {"type": "Action.OpenUrl", "title": "Go to Today", "url": MESSAGE.url}
    ]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.slack.com/services/T1/B2/secretsecret", "https://hooks.slack.com/…cret"),
        ("https://prod.logic.azure.com/w?sig=abcdefgh", "https://prod.logic.azure.com/…efgh"),
        ("https://short.example/abc", "https://short.example/…"),
        ("https://bare.example", "https://bare.example/…"),
    ],
)
def test_secret_addresses_are_shown_by_their_ends(url: str, shown: str) -> None:
    assert masked(url) == shown
