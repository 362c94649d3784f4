"""A file opened from disk with the network cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize


@contextmanager
def offline(browser: Browser, file: Path, window: ViewportSize) -> Iterator[Page]:
    """Show a page, which asks for nothing but itself and complains of nothing."""
    requests: list[str] = []
    problems: list[str] = []
    context = browser.new_context(viewport=window, offline=True)
    page = context.new_page()
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: problems.extend([message.text] * (message.type == "error")))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(file.as_uri())
    yield page
    context.close()
    # A blob is the page's own memory.
    assert [url for url in requests if not url.startswith(("blob:", "data:"))] == [file.as_uri()]
    assert problems == []
