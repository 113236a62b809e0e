"""A real Chromium, which the tests of a worker share; without one they are skipped."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium")
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"))


@pytest.fixture(scope="package")
def _chromium(django_db_setup: None) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, next to which Django takes no query.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
        # Beside that loop Django opened connections of its own.
        connections.close_all()


@pytest.fixture
def chromium(_chromium: Browser, transactional_db: None) -> Iterator[Browser]:
    """A browser in which nobody was before, and whose pages are closed after the test."""
    yield _chromium
    for context in _chromium.contexts:
        context.close()
