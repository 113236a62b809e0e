"""Pages carry nothing inline, as the content security policy would refuse it."""

import re
from pathlib import Path

import pytest

from cs_platform.embedded.errors import ROOT

# Letters are read by mail programs, which know no style sheets.
TEMPLATES = sorted(
    path for path in ROOT.glob("*/templates/**/*.html") if "mail" not in path.parent.name
)
INLINE = re.compile(
    r"""<style\b|\sstyle=|\son[a-z]{3,}=|javascript:|<script(?![^>]*\b(?:src=|type="application/json"))"""
)


def test_all_are_found() -> None:
    assert ROOT / "workspace/templates/workspace/today/page.html" in TEMPLATES


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_carry_no_inline_script_or_style(path: Path) -> None:
    html = re.sub(r"{%.*?%}", "", path.read_text(), flags=re.DOTALL)
    assert INLINE.findall(html) == []


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">',
        "<style>",
        '<a onclick="go()">',
        "<script>",
        '<script type="module">',
    ],
)
def test_inline_script_and_style_are_recognized(text: str) -> None:
    assert INLINE.search(text)


@pytest.mark.parametrize(
    "text", ['<script src="/static/a.js" defer>', '<script id="x" type="application/json">']
)
def test_files_and_data_are_not_inline(text: str) -> None:
    assert not INLINE.search(text)
