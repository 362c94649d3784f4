"""Pages that stand alone: what is in the file, and what happens when it cannot be written."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from xcnn_widgets.pages import html as static_html
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from ..widgets.conftest import NAMES


def state_in(page: str) -> dict[str, Any]:
    found = re.search(r'id="xcnn-state">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_a_page_holds_the_widget_once_and_asks_for_nothing(
    widget: ExplainerWidget, tmp_path: Path
) -> None:
    widget.to_html(tmp_path / "page.html", "A <b>title</b>")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<title>A &lt;b&gt;title&lt;/b&gt;</title>" in page
    assert page.count("<script") == page.count("</script") == 2
    assert not re.search(r"(src|href)=\"(?!data:,)", page)
    state = state_in(page)
    assert not {"_esm", "_css", "_front_end", "layout"} & state.keys()
    assert state["_class_names"] == NAMES
    assert "<img" not in page
    assert len(state["_atlas"]["entries"]) == 3 * 4 * 9
    assert state["status"] == widget._sentence
    assert len(page) < 6_000_000 + 2 * len(json.dumps(state["_atlas"]))


def test_without_computing_ahead_the_view_shown_is_on_the_page(
    widget: ExplainerWidget, tmp_path: Path
) -> None:
    widget.to_html(tmp_path / "page.html", precompute=False)
    [entry] = state_in((tmp_path / "page.html").read_text(encoding="utf-8"))["_atlas"]["entries"]
    assert entry["target"] == widget.predictions[0]


def test_bundle_and_styles_cannot_end_their_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        "front_end.js": 'f("</SCRIPT><!--");',
        "front_end.css": 'a::after{content:"</style>"}',
        "page.css": "",
    }
    monkeypatch.setattr(static_html, "static_text", texts.__getitem__)
    page = static_html.page("", {"name": "</script>"})
    assert r'f("\x3c/SCRIPT>\x3c!--");' in page
    assert page.lower().count("</script") == 2
    assert page.count("</style") == 1


def test_a_full_disk_leaves_the_old_file_whole_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    target = tmp_path / "page.html"
    target.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"page\.html could not be written: No space left"):
        static_html.write_whole(target, "new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"missing/page\.html could not be written: No such"
    ):
        static_html.write_whole(tmp_path / "missing" / "page.html", "new")


def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    target.write_text("old")
    target.chmod(0o640)
    static_html.write_whole(target, "new")
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640
