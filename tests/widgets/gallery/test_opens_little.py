"""Only what is looked at is opened, computed, named and kept."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from .parts import (
    ColourModel,
    Counted,
    WatchedModel,
    opened,
    page_of,
    rows_of,
    show,
)

COLOURS = ["red", "green", "blue"]
MIB = 2**20


class Names(dict[str, Any]):
    """A mapping whose values are made when they are asked for."""

    def __init__(self, count: int) -> None:
        super().__init__((f"n{i}", i) for i in range(count))
        self.items_opened = 0

    def __getitem__(self, key: str) -> Any:
        self.items_opened += 1
        return Counted(10**6)[super().__getitem__(key)][0]


def test_a_gallery_of_a_hundred_thousand_opens_no_more_pictures_than_one_page_has() -> None:
    dataset = Counted(100_000)
    with opened(ColourModel(), dataset, COLOURS, page_size=20) as gallery:
        assert sorted(dataset.opened) == list(range(20))
        assert (page_of(gallery)["matches"], page_of(gallery)["pages"]) == (100_000, 5_000)
        dataset.opened.clear()
        rows = show(gallery, page=5_000)
        assert [row["index"] for row in rows] == list(range(99_980, 100_000))
        assert sorted(dataset.opened) == list(range(99_980, 100_000))
        dataset.opened.clear()
        for choices in (
            {"target": 1}, {"methods": ["saliency"]}, {"page": 1}, {"page": 5_000},
            {"rows": "layers", "image_index": 3}, {"rows": "classes"}, {"rows": "pictures"},
        ):  # fmt: skip
            show(gallery, **choices)
        assert dataset.opened == []


@pytest.mark.parametrize("source", [Counted, Names])
def test_the_first_page_costs_the_same_for_a_hundred_as_for_a_hundred_thousand(
    source: type[Any],
) -> None:
    def work(count: int) -> tuple[int, list[int], int]:
        model, images, called = WatchedModel(), source(count), 0

        def count_calls(frame: Any, event: str, _: Any) -> None:
            nonlocal called
            called += event == "call" and "xcnn_widgets" in frame.f_code.co_filename

        with opened(model, images, COLOURS, batch_size=4) as first:
            first.close()
        model.batches.clear()
        opened_before = getattr(images, "items_opened", 0)
        threading.setprofile(count_calls)
        sys.setprofile(count_calls)
        try:
            with opened(model, images, COLOURS, batch_size=4) as gallery:
                assert len(rows_of(gallery)) == 12
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
        looked_at = getattr(images, "items_opened", 0) - opened_before
        return called, model.batches, looked_at

    few, many = work(100), work(100_000)
    assert few[1:] == many[1:]
    # Waiting and locking differ a little from run to run.
    assert abs(many[0] - few[0]) <= 0.05 * few[0]


def test_a_cache_of_no_bytes_still_shows_every_row_and_opens_each_picture_once() -> None:
    dataset = Counted(30)
    with opened(ColourModel(), dataset, COLOURS, cache_bytes=0) as gallery:
        assert all(row["error"] == "" for row in rows_of(gallery))
        dataset.opened.clear()
        assert all(row["error"] == "" for row in show(gallery, page=2))
        assert dataset.opened == list(range(12, 24))
        show(gallery, order="disagreement", page_size=30)
        show(gallery, rows="layers")


def test_caches_keep_to_their_bytes_and_forget_what_was_looked_at_longest_ago() -> None:
    dataset = Counted(400, 40, 56)
    limit = 4 * MIB
    with opened(ColourModel(), dataset, COLOURS, page_size=10, cache_bytes=limit) as gallery:
        for page in range(1, 40):
            show(gallery, page=page + 1)
            assert 0 < gallery.work.findings.bytes <= limit / 2
        dataset.opened.clear()
        show(gallery, page=40, target=1)
        assert dataset.opened == []
        show(gallery, page=1)
        assert sorted(dataset.opened) == list(range(10))


PAGED_THROUGH = """
import ctypes, gc, sys, torch
torch.set_num_threads(1)
sys.path.insert(0, {root!r})
from tests.widgets.gallery.parts import ColourModel, Counted
from tests.widgets.conftest import to_input
from xcnn_widgets.widgets.gallery.widget import GalleryWidget

def resident():
    gc.collect()
    # What is free already goes back to the system: it is the process that is measured, not its allocator.
    getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)(0)
    return int(open("/proc/self/statm").read().split()[1]) * 4096

def page_through(count, limit):
    gallery = GalleryWidget(ColourModel(), Counted(count, *{size}), ["r", "g", "b"],
                            transform=to_input, page_size=100, cache_bytes=limit)
    gallery.wait()
    before, most = resident(), 0
    for page in range(1, count // 100):
        gallery.page = page + 1
        gallery.wait()
        if page % 5 == 4 or page == count // 100 - 1:
            most = max(most, resident() - before)
    assert gallery.failures == {{}}
    assert len(gallery.work.findings.verdicts) == count
    gallery.close()
    return most

page_through(300, 2**20)
print(page_through({count}, {limit}))
"""


def grown(count: int, limit: int, size: tuple[int, int]) -> int:
    """The bytes by which a process grows that pages through pictures end to end."""
    root = str(Path(__file__).parents[3])
    script = PAGED_THROUGH.format(root=root, count=count, limit=limit, size=size)
    # Each page is filled on a thread of its own, and glibc gives threads heaps of their own, whose gaps depend on chance.
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "MALLOC_ARENA_MAX": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux
def test_paging_through_two_thousand_pictures_grows_by_less_than_the_limit() -> None:
    limit = 12 * MIB
    assert grown(2_000, limit, (28, 42)) < 1.1 * limit


@linux
@pytest.mark.slow
@pytest.mark.parametrize(("limit", "size"), [(32 * MIB, (48, 64)), (8 * MIB, (16, 24))])
def test_paging_through_ten_thousand_pictures_grows_by_less_than_the_limit(
    limit: int, size: tuple[int, int]
) -> None:
    assert grown(10_000, limit, size) < 1.1 * limit
