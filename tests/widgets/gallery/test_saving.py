"""A gallery computed ahead: what is saved, what it weighs, and what goes on its page."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

import xcnn_widgets

from ...pages.test_static_html import state_in
from ..conftest import NAMES
from .parts import (
    WatchedModel,
    noise,
    opened,
    plain,
    rows_of,
    sent_of,
    show,
)

STATIC = Path(xcnn_widgets.__file__).parent / "static"
METHODS = ["grad_cam", "guided_grad_cam", "guided_backprop", "saliency", "deconvnet"]
LAYERED = ["grad_cam", "guided_grad_cam"]
LAYERS = ["1", "4", "7"]


@pytest.fixture
def gallery(model: nn.Module) -> Any:
    pictures = dict(zip(("ant", "bee", "cow"), noise(3), strict=True))
    with opened(model, pictures, labels=["blue", "green", "dragon"]) as made:
        yield made


def maps_of(gallery: Any) -> dict[tuple[Any, ...], dict[str, Any]]:
    """All maps saved, by picture, method, layer and class."""
    return {
        (found["image_index"], found["method"], found["layer"], found["target"]["index"]): found
        for found in sent_of(gallery, "_atlas")["maps"]
    }


def pictures_of(gallery: Any) -> list[int]:
    """The pictures that are saved."""
    return [image["row"]["index"] for image in sent_of(gallery, "_atlas")["images"]]


def levels(saved: dict[str, Any]) -> bytes:
    packed = saved["encoding"] == "deflate"
    return zlib.decompress(saved["data"]) if packed else saved["data"]


def test_by_default_all_methods_and_layers_of_prediction_and_label_are_saved(gallery: Any) -> None:
    gallery.precompute()
    predicted = [gallery.work.findings.verdicts[i].index for i in range(3)]
    wanted = [{predicted[0], 2}, {predicted[1], 1}, {predicted[2]}]
    assert set(maps_of(gallery)) == {
        (image, method, layer, target)
        for image in range(3)
        for target in wanted[image]
        for method in METHODS
        for layer in (LAYERS if method in LAYERED else [None])
    }
    assert sent_of(gallery, "_atlas")["version"] == 2


def test_a_saved_map_is_that_of_the_row_with_its_disagreement(gallery: Any) -> None:
    gallery.precompute(targets=["green"])
    saved = maps_of(gallery)
    for methods, layer in (LAYERED, "4"), (["saliency", "grad_cam"], "1"):
        for row in show(gallery, methods=methods, layer=layer, target=1):
            states = {
                name: saved[row["index"], name, s["layer"], 1] for name, s in row["maps"].items()
            }
            for name, state in row["maps"].items():
                assert np.allclose(states[name]["range"], state["range"], rtol=1e-5, atol=1e-9)
                # A page makes guided maps itself.
                if name != "guided_grad_cam":
                    there, here = (
                        np.frombuffer(d, np.uint8).astype(int)
                        for d in (levels(states[name]), state["data"])
                    )
                    assert np.abs(there - here).max() <= 1
                assert states[name]["shape"] == state["shape"]
                assert states[name]["target"]["name"] == "green"
            one, other = methods
            told = [states[a]["disagreements"].get(b) for a, b in ((one, other), (other, one))]
            [number] = filter(None, told)
            assert number == pytest.approx(row["disagreement"], abs=1e-5)


def test_disagreement_is_known_also_of_methods_that_were_saved_one_after_the_other(
    gallery: Any,
) -> None:
    gallery.precompute(methods=["saliency"], targets=["predicted"], images=[0])
    gallery.precompute(methods=["grad_cam"], targets=["predicted"], layers=["4"])
    told = {
        key[1]: saved["disagreements"] for key, saved in maps_of(gallery).items() if key[0] == 0
    }
    assert set(told) == {"saliency", "grad_cam"}
    assert set(told["grad_cam"]) == {"saliency"}
    assert {key[1] for key in maps_of(gallery) if key[0] == 1} == {"grad_cam"}


def test_one_forward_pass_a_batch_answers_everything_and_is_not_asked_twice() -> None:
    model = WatchedModel()
    with opened(model, noise(6), ["red", "green", "blue"], batch_size=3, page_size=2) as gallery:
        model.batches.clear()
        gallery.precompute(targets=["likeliest"])
        assert model.batches == [3, 3]
        gallery.precompute(targets=["predicted", 2])
        assert model.batches == [3, 3]
        assert len(maps_of(gallery)) == 6 * 3 * 5


def test_what_was_computed_ahead_runs_the_model_no_more() -> None:
    model = WatchedModel()
    with opened(model, noise(6), ["red", "green", "blue"], page_size=2, labels=[0] * 6) as gallery:
        asked = show(gallery, methods=["saliency", "grad_cam"], page=2)
        gallery.precompute()
        model.batches.clear()
        assert [row["disagreement"] for row in show(gallery, page=3)] != [None, None]
        rows = show(gallery, methods=["guided_backprop", "grad_cam"], target="label", page_size=6)
        assert all(row["disagreement"] is not None for row in rows)
        show(gallery, order="disagreement")
        again = show(gallery, order="given", methods=["saliency", "grad_cam"], target="predicted")
        for before, row in zip(asked, again[2:4], strict=True):
            assert row["disagreement"] == pytest.approx(before["disagreement"], abs=1e-6)
        assert model.batches == []


def test_of_many_pictures_one_layer_is_saved_and_of_very_many_the_page(model: nn.Module) -> None:
    pictures = noise(60)
    with opened(model, pictures[:13], layer="4") as gallery:
        gallery.precompute(methods=["grad_cam"])
        assert {key[2] for key in maps_of(gallery)} == {"4"}
        assert pictures_of(gallery) == list(range(13))
    with opened(model, pictures, page_size=4, page=3) as gallery:
        gallery.precompute(methods=["grad_cam"])
        assert pictures_of(gallery) == [8, 9, 10, 11]


def test_it_says_its_size_before_and_after(gallery: Any) -> None:
    said: list[str] = []
    shares: list[Any] = []
    gallery.observe(lambda change: said.append(change.new), "status")
    gallery.observe(lambda change: shares.append(change.new), "progress")
    size = gallery.precompute(methods=LAYERED, layers=["4"], targets=["predicted"], images=[0, 2])
    row = rows_of(gallery)[0]
    most = 2 * (4 * 16 * 24 + 8 * 12 + len(row["picture"]))
    assert (
        said[0] == f"Saving up to 4 maps of 2 pictures, at most about {round(most / 1000)} kB ..."
    )
    assert said[-1] == f"4 maps of 2 pictures saved, {round(size / 1000)} kB."
    assert 0 < size <= 1.05 * most
    assert shares[0] == 0
    assert shares[-2:] == [1, None]


def test_cancel_keeps_what_is_done_and_writes_no_page(model: nn.Module, tmp_path: Path) -> None:
    with opened(model, noise(4), NAMES, batch_size=2) as gallery:

        def cancel_half_way(change: Any) -> None:
            if change.new == 0.5:
                gallery.set_state({"_cancel": sent_of(gallery, "_cancel") + 1})

        gallery.observe(cancel_half_way, "progress")
        with pytest.raises(RuntimeError, match="cancelled, so no page"):
            gallery.to_html(tmp_path / "page.html")
        assert gallery.status.startswith("Cancelled; ")
        assert pictures_of(gallery) == [0, 1]
        assert gallery.progress is None
        assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_or_explained_says_so_on_the_page() -> None:
    pictures = {"good": plain((90, 10, 10))[0], "black": plain((0, 0, 0))[0], "broken": b"nothing"}
    with opened(WatchedModel(), pictures, ["red", "green", "blue"], page_size=1) as gallery:
        gallery.precompute()
        assert gallery.status.endswith("; 2 could not be read or explained.")
        good, black, broken = (image["row"] for image in sent_of(gallery, "_atlas")["images"])
        assert good["error"] == ""
        assert "NaN" in black["error"]
        assert "broken" in broken["error"]


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"layers": ["nope"]}, ValueError, "layers holds 'nope'; there are '1'"),
        ({"methods": "grad_cam"}, TypeError, r"expected a list, such as \['grad_cam'\]"),
        ({"methods": ["occlusion"]}, ValueError, "methods holds 'occlusion'; there are 'grad_cam'"),
        ({"images": [3]}, ValueError, "images holds 3; there are 0 to 2"),
        ({"targets": ["purple"]}, ValueError, "targets holds 'purple'.*or give 'predicted'"),
        ({"targets": [4]}, ValueError, "targets holds 4"),
    ],
)
def test_what_is_not_there_is_refused_by_name(
    gallery: Any, asked: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        gallery.precompute(**asked)
    assert sent_of(gallery, "_atlas") is None


def test_labels_that_are_not_there_cannot_be_asked_for(model: nn.Module) -> None:
    with (
        opened(model, noise(2)) as gallery,
        pytest.raises(ValueError, match="targets holds 'label'; the pictures have no labels"),
    ):
        gallery.precompute(targets=["label"])


def page_state(gallery: Any, file: Path, **options: Any) -> dict[str, Any]:
    gallery.to_html(file, **options)
    return state_in(file.read_text(encoding="utf-8"))


def test_a_page_holds_the_gallery_once_and_asks_for_nothing(gallery: Any, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("old")
    state = page_state(gallery, file, title="A <b>title</b>")
    text = file.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [file]
    assert "<title>A &lt;b&gt;title&lt;/b&gt;</title>" in text
    assert text.count("<script") == text.count("</script") == 2
    assert not re.search(r"(src|href)=\"(?!data:,)", text)
    assert "<img" not in text
    assert state["_view"] == "gallery"
    assert state["_class_names"] == NAMES
    assert not {"_esm", "_css", "_front_end", "layout"} & state.keys()
    assert len(state["_atlas"]["maps"]) == len(maps_of(gallery))
    assert not any(state[f"_row_{position}"] for position in range(100))
    front_end = sum(
        (STATIC / name).stat().st_size for name in ("front_end.js", "front_end.css", "page.css")
    )
    assert len(text) < front_end + 2 * len(json.dumps(state["_atlas"]))


def test_a_page_has_the_pictures_that_were_asked_for_and_no_row_twice(
    model: nn.Module, tmp_path: Path
) -> None:
    with opened(model, noise(9), NAMES, page_size=3, page=2, methods=["saliency"]) as gallery:
        gallery.precompute(images=[4, 7], methods=["saliency"])
        state = page_state(gallery, tmp_path / "page.html")
        stored = gallery.get_state()
    images, maps = state["_atlas"]["images"], state["_atlas"]["maps"]
    assert [image["row"]["index"] for image in images] == [4, 7]
    assert {found["image_index"] for found in maps} == {4, 7}
    rows = [state[f"_row_{position}"] for position in range(100)]
    assert [row and row["name"] for row in rows[:3]] == ["picture 3", None, "picture 5"]
    assert not any(rows[3:])
    # A notebook keeps the same.
    assert len(stored["_atlas"]["maps"]) == len(maps)
    assert stored["_row_1"]["name"] == "picture 4"


@pytest.mark.parametrize("kind", ["pictures", "layers", "classes"])
def test_without_computing_ahead_the_rows_shown_are_on_the_page(
    model: nn.Module, tmp_path: Path, kind: str
) -> None:
    with opened(model, noise(9), NAMES, page_size=2, page=3, image_index=5) as gallery:
        rows = show(gallery, rows=kind)
        state = page_state(gallery, tmp_path / "page.html", precompute=False)
    assert state["_atlas"] is None
    titles = [state[f"_row_{position}"]["title"] for position in range(len(rows))]
    assert titles == [row["title"] for row in rows]


def test_a_page_of_nothing_is_not_written(gallery: Any, tmp_path: Path) -> None:
    show(gallery, show_text="nowhere")
    with pytest.raises(RuntimeError, match="nothing to show on a page: 0 of 0 pictures shown"):
        gallery.to_html(tmp_path / "page.html", precompute=False)
    assert list(tmp_path.iterdir()) == []
