"""Markdown of leaders as HTML that is safe and in order."""

import pytest

from workspace.markdown import rendered


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**so**", "<p><strong>so</strong></p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[no](javascript:alert(1))", "<p>[no](javascript:alert(1))</p>"),
        ("[no](JaVaScRiPt:alert(1))", "<p>[no](JaVaScRiPt:alert(1))</p>"),
        ("[no](&#106;avascript:alert(1))", "<p>[no](&#106;avascript:alert(1))</p>"),
        ("[no](data:text/html,x)", "<p>[no](data:text/html,x)</p>"),
        (
            '[a](https://b.example "x\\"y")',
            '<p><a href="https://b.example" title="x&quot;y">a</a></p>',
        ),
    ],
)
def test_is_text_lists_and_links_only(text: str, html: str) -> None:
    assert rendered(text, below=2).strip() == html.replace("&#106;", "j")


def test_fetches_no_picture() -> None:
    assert "<img" not in rendered("![seen](https://b.example/x.png)", below=2)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a\n## b\n### c", "345"),
        ("### a\n# b", "33"),
        ("# a\n#### b\n## c", "344"),
        ("# a\n## b\n### c\n#### d\n##### e\n###### f", "345666"),
    ],
)
def test_has_headings_that_go_down_one_level_at_a_time(text: str, levels: str) -> None:
    html = rendered(text, below=2)
    assert [html[at + 2] for at in range(len(html)) if html.startswith("<h", at)] == list(levels)
