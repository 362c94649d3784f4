"""Rows arrive one by one in the background; the latest choice wins, and Cancel keeps what is there."""

from __future__ import annotations

import gc
import random
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from torch import nn
from traitlets import TraitError

from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from ..conftest import to_input
from .parts import (
    ColourModel,
    Counted,
    WatchedModel,
    noise,
    opened,
    page_of,
    rows_of,
    sent_of,
    show,
)

COLOURS = ["red", "green", "blue"]


class Held:
    """A gallery on a model that can be made to wait."""

    def __init__(self, **choices: Any) -> None:
        self.model, self.dataset = WatchedModel(), Counted(40)
        self.gallery = GalleryWidget(
            self.model, self.dataset, COLOURS,
            **{"transform": to_input, "batch_size": 4, "page_size": 8, **choices},
        )  # fmt: skip
        self.gallery.wait(60)
        self.model.batches.clear()

    def ask(self, **choices: Any) -> None:
        """Make choices as the browser does, and wait until the model is at work on them."""
        self.model.hold()
        self.gallery.set_state(choices)
        assert self.model.waiting.wait(60)


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held()
    yield made
    made.model.gate.set()
    made.gallery.close()
    made.gallery.wait(60)


def test_choosing_returns_at_once_and_rows_come_batch_by_batch(held: Held) -> None:
    gallery = held.gallery
    arrived: list[tuple[str, int]] = []
    for position in range(8):
        gallery.observe(
            lambda change: arrived.append((change.name, len(held.model.batches))),
            f"_row_{position}",
        )
    held.ask(page=1)
    assert arrived == []
    assert page_of(gallery)["page"] == 1
    assert gallery.progress == 0
    assert gallery.status == "Explained 0 of 8 pictures"
    held.model.gate.set()
    gallery.wait(60)
    assert arrived == [
        *((f"_row_{i}", 1) for i in range(4)),
        *((f"_row_{i}", 2) for i in range(4, 8)),
    ]


def test_progress_tells_the_count_and_the_time_left(held: Held) -> None:
    told: list[tuple[str, Any]] = []
    for name in ("progress", "status"):
        held.gallery.observe(lambda change: told.append((change.name, change.new)), name)
    show(held.gallery, order="confidence")
    shares = [value for name, value in told if name == "progress"]
    assert shares[-1] is None
    assert held.gallery.progress is None
    asked = [v for n, v in told if n == "status" and v.startswith("Asked the model about")]
    assert asked[0] == "Asked the model about 0 of 32 pictures"
    assert asked[-1] == "Asked the model about 32 of 32 pictures, about 0 s left"
    assert len(asked) == 9
    first = [share for share in shares if share is not None][:9]
    assert first == [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]


@pytest.mark.parametrize("change", [{"target": 1}, {"page": 0}, {"methods": ["saliency"]}])
def test_another_choice_drops_the_old_request_and_what_was_computed_stays(
    held: Held, change: dict[str, Any]
) -> None:
    held.ask(page=1)
    held.gallery.set_state(change)
    held.model.gate.set()
    held.gallery.wait(60)
    # The batch under way ended; its second one was never begun for the old request.
    assert held.model.batches[0] == 4
    assert len(held.model.batches) <= 3
    rows = rows_of(held.gallery)
    assert [row["index"] for row in rows] == list(range(8) if "page" in change else range(8, 16))
    held.model.batches.clear()
    assert len(show(held.gallery, page=2, target="predicted", methods=["grad_cam"])) == 8
    # Four of the eight are known from the request that was dropped.
    assert sum(held.model.batches) <= 4


def test_no_row_of_an_old_request_is_placed_on_the_new_page(held: Held) -> None:
    held.ask(page=1)
    held.gallery.set_state({"page": 2})
    held.gallery.set_state({"page": 3})
    placed: list[int] = []
    for position in range(8):
        held.gallery.observe(
            lambda change: placed.append(change.new["index"] // 8 if change.new else -1),
            f"_row_{position}",
        )
    held.model.gate.set()
    held.gallery.wait(60)
    assert set(placed) == {3}
    assert [row["index"] for row in rows_of(held.gallery)] == list(range(24, 32))


def test_cancel_keeps_what_is_there(held: Held) -> None:
    gallery = held.gallery

    def cancel(change: Any) -> None:
        if change.new == 0.5:
            gallery.set_state({"_cancel": 1})

    gallery.observe(cancel, "progress")
    gallery.set_state({"page": 1})
    gallery.wait(60)
    assert page_of(gallery)["page"] == 1
    half = [gallery.row(i) for i in range(8)]
    generation = page_of(gallery)["generation"]
    assert [row is not None and row["generation"] == generation for row in half] == [True] * 4 + [
        False
    ] * 4
    assert held.model.batches == [4]
    assert gallery.progress is None
    assert gallery.status.startswith("Cancelled")
    assert gallery.error == ""
    # Asked again it goes on where it stopped.
    gallery.unobserve(cancel, "progress")
    show(gallery, page=1)
    rows = show(gallery, page=2)
    assert [row["index"] for row in rows] == list(range(8, 16))
    assert held.model.batches == [4, 4]


def test_cancel_while_nothing_is_done_changes_nothing(held: Held) -> None:
    status = held.gallery.status
    held.gallery.set_state({"_cancel": 1})
    assert held.gallery.status == status
    assert held.gallery.progress is None


def test_a_sort_that_was_cancelled_goes_on_where_it_stopped_when_asked_again(held: Held) -> None:
    gallery = held.gallery
    before = rows_of(gallery)

    def cancel(change: Any) -> None:
        if change.new == 0.5:
            gallery.set_state({"_cancel": sent_of(gallery, "_cancel") + 1})

    gallery.observe(cancel, "progress")
    gallery.set_state({"order": "confidence"})
    gallery.wait(60)
    assert rows_of(gallery) == before
    assert held.model.batches == [4] * 4
    gallery.unobserve(cancel, "progress")
    gallery.set_state({"order": "given"})
    gallery.wait(60)
    held.model.batches.clear()
    rows = show(gallery, order="confidence")
    assert held.model.batches[:4] == [4] * 4
    assert sum(held.model.batches) <= 16 + 8
    sure = [row["prediction"]["probability"] for row in rows]
    assert sure == sorted(sure, reverse=True)


def test_the_request_is_that_of_its_moment_whatever_changes_while_it_is_worked_on(
    held: Held,
) -> None:
    gallery, opened_files = held.gallery, held.dataset.opened
    opened_files.clear()
    held.ask(page=1)
    gallery.set_state({"target": 2, "page": 2})
    held.model.gate.set()
    gallery.wait(60)
    # Of the old page one batch was opened; nothing of it was explained for the new class.
    assert opened_files == [*range(8, 12), *range(16, 24)]
    assert {row["maps"]["grad_cam"]["target"]["index"] for row in rows_of(gallery)} == {2}
    held.model.batches.clear()
    show(gallery, page=2, target="predicted")
    assert held.model.batches == [4]


def test_choices_made_together_are_one_request(held: Held) -> None:
    generation = page_of(held.gallery)["generation"]
    held.gallery.set_state({"layer": "conv", "target": 1, "methods": ["saliency"], "page": 2})
    held.gallery.wait(60)
    assert page_of(held.gallery)["generation"] == generation + 1
    held.gallery.reset()
    held.gallery.wait(60)
    assert page_of(held.gallery)["generation"] == generation + 2
    assert (held.gallery.page, held.gallery.target) == (1, "predicted")


def test_a_choice_that_does_not_fit_takes_no_row_back_that_came_meanwhile() -> None:
    model = WatchedModel()
    with opened(model, Counted(8), COLOURS, batch_size=2, page_size=8) as gallery:
        over = threading.Event()

        def flood() -> None:
            is_last = False
            while not is_last:
                # The last one comes after all that fits, however seldom this thread gets its turn.
                is_last = over.is_set()
                gallery.set_state({"layer": "nope", "opacity": 0.3})

        other = threading.Thread(target=flood)
        other.start()
        try:
            for target in (0, 1, 2, "predicted", 0, 1, 2):
                gallery.set_state({"target": target})
                gallery.wait(60)
                assert len(rows_of(gallery)) == 8
        finally:
            over.set()
            other.join(60)
        assert "layer = 'nope'" in gallery.error
        assert gallery.layer == "conv" and len(rows_of(gallery)) == 8


def test_the_latest_wins_under_a_flood_of_choices_from_two_threads(model: nn.Module) -> None:
    with opened(model, noise(30), page_size=5) as gallery:
        problems: list[BaseException] = []

        def flood(seed: int) -> None:
            chance = random.Random(seed)
            try:
                for _ in range(60):
                    gallery.set_state(
                        chance.choice(
                            [
                                {"page": chance.randrange(4)},
                                {"target": chance.choice([0, 1, "predicted"])},
                                {"layer": chance.choice(["1", "4", "7"])},
                                {"order": chance.choice(["given", "confidence", "disagreement"])},
                                {
                                    "methods": chance.choice(
                                        [["saliency"], ["grad_cam", "saliency"]]
                                    )
                                },
                                {"rows": chance.choice(["pictures", "layers", "classes"])},
                                {"page_size": chance.choice([3, 5])},
                                {"_cancel": chance.randrange(9)},
                            ]
                        )
                    )
            except BaseException as error:
                problems.append(error)

        threads = [threading.Thread(target=flood, args=(seed,)) for seed in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert problems == []
        rows = show(
            gallery, rows="pictures", order="given", page_size=4, page=3, target=3, layer="4",
            methods=["grad_cam"],
        )  # fmt: skip
        assert gallery.error == ""
        assert gallery.failures == {}
        assert [row["index"] for row in rows] == [8, 9, 10, 11]
        for row in rows:
            assert list(row["maps"]) == ["grad_cam"]
            assert row["maps"]["grad_cam"]["target"]["index"] == 3
            assert row["maps"]["grad_cam"]["layer"] == "4"
        assert gallery.progress is None
        assert not any(module._forward_hooks for module in model.modules())


def test_waiting_has_a_limit(held: Held) -> None:
    held.ask(page=1)
    with pytest.raises(TimeoutError):
        held.gallery.wait(0.01)


def test_setting_a_class_does_not_wait_for_the_model(held: Held) -> None:
    held.ask(page=1)
    held.gallery.target = "blue"
    with pytest.raises(TraitError):
        held.gallery.target = "mauve"
    assert held.gallery.target == 2


def test_closing_during_work_stops_it_and_frees_everything(held: Held) -> None:
    gallery = held.gallery
    held.ask(page=2)
    gallery.close()
    held.model.gate.set()
    gallery.wait(60)
    assert len(held.model.batches) == 1
    assert gallery.work.findings.bytes == 0
    held.dataset.opened.clear()
    gallery.work.exploration.prepared(0)
    assert held.dataset.opened == [0]
    assert all(gallery.row(position) is None for position in range(100))
    assert repr(gallery) == "GalleryWidget(closed)"


def test_a_closed_gallery_follows_nothing_and_is_forgotten() -> None:
    model = WatchedModel()
    gallery = GalleryWidget(model, noise(3), COLOURS, transform=to_input)
    gallery.wait(60)
    explorer = gallery.explorer()
    gallery.close()
    gallery.close()
    model.batches.clear()
    gallery.layer = "conv"
    gallery.page_size = 1
    gallery.selected = 2
    gallery.set_state({"target": 1, "_cancel": 4})
    gallery.wait(60)
    assert model.batches == []
    assert explorer.image_index == 0
    with pytest.raises(RuntimeError, match="nothing to draw"):
        gallery.figure()
    explorer.close()
    gone = weakref.ref(gallery)
    del gallery
    gc.collect()
    assert gone() is None


def test_a_gallery_that_is_refused_leaves_nothing_running() -> None:
    before = threading.active_count()
    with pytest.raises(TraitError):
        GalleryWidget(ColourModel(), noise(2), COLOURS, transform=to_input, layer="nope")
    gc.collect()
    assert threading.active_count() <= before
