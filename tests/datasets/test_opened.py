"""A gallery of results says what a gallery of the model and the pictures says, without either."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from traitlets import TraitError

from xcnn_widgets import GalleryWidget, Results, explain_dataset, method

from .conftest import NAMES, ColourNet, to_tensor
from .many_rows import write_many

COUNT = 31
METHODS = ["grad_cam", "saliency"]
BROKEN = 7


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of mixed colours in a folder for each label, which is often wrong; one is broken."""
    tmp_path = tmp_path_factory.mktemp("pictures")
    made = np.random.default_rng(3)
    for number in range(COUNT):
        folder = tmp_path / "mixed" / NAMES[number % 3]
        folder.mkdir(parents=True, exist_ok=True)
        colour = made.integers(60, 190, 3)
        noise = made.integers(-40, 40, (20, 28, 3))
        pixels = np.clip(colour + noise, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"picture-{number:02d}.png")
    (tmp_path / "mixed" / "red" / "broken.png").write_text("no picture")
    return tmp_path / "mixed"


@pytest.fixture(scope="module")
def written(mixed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was written once for all tests."""
    folder = tmp_path_factory.mktemp("written")
    explain_dataset(
        ColourNet(),
        mixed,
        folder,
        methods=METHODS,
        metrics=["deletion"],
        class_names=NAMES,
        transform=to_tensor,
        progress=False,
        workers=0,
    )
    return folder


@pytest.fixture
def results(written: Path, tmp_path: Path) -> Results:
    """A copy of it, for tests that change what is there."""
    return Results(shutil.copytree(written, tmp_path / "results"))


@pytest.fixture
def asked(model: ColourNet, mixed: Path) -> Iterator[GalleryWidget]:
    """A gallery that asks the model."""
    gallery = GalleryWidget(model, mixed, NAMES, methods=METHODS, transform=to_tensor, page_size=10)
    gallery.wait()
    yield gallery
    gallery.close()


@pytest.fixture
def opened(results: Results) -> Iterator[GalleryWidget]:
    """A gallery of what was written."""
    gallery = GalleryWidget.open(results, page_size=10)
    gallery.wait()
    yield gallery
    gallery.close()


def rows_of(gallery: GalleryWidget) -> list[dict[str, Any]]:
    """All rows of the page."""
    page = gallery._page or {"rows": 0}
    rows = [gallery.row(place) for place in range(page["rows"])]
    return [row for row in rows if row is not None]


def seen(gallery: GalleryWidget) -> list[Any]:
    """What a person sees of a page beside the pictures."""
    return [
        (
            row["index"],
            row["name"],
            row["label"],
            row["right"],
            row["error"],
            row["prediction"] and row["prediction"]["name"],
            sorted(row["maps"]),
            {name: state["data"] for name, state in row["maps"].items()},
        )
        for row in rows_of(gallery)
    ]


CHOICES: list[dict[str, Any]] = [
    {},
    {"page": 2},
    {"page": 4, "page_size": 9},
    {"order": "confidence"},
    {"order": "least_confident"},
    {"order": "wrong"},
    {"order": "wrong", "page": 3},
    {"order": "disagreement"},
    {"show": "wrong"},
    {"show": "right", "order": "confidence"},
    {"show_class": 1},
    {"show_label": 2, "order": "least_confident"},
    {"show_text": "PICTURE-1"},
    {"show_text": "-2", "show": "right"},
    {"show_text": "nothing has this"},
    {"methods": ["saliency"]},
    {"show_value": (0.4, 0.8), "order": "confidence"},
    {"show_value": (0.6, None)},
    {"show_disagreement": (0.9, 1.05), "order": "disagreement"},
]


@pytest.mark.parametrize("choices", CHOICES, ids=str)
def test_every_order_and_filter_shows_what_a_gallery_of_the_model_shows(
    asked: GalleryWidget, opened: GalleryWidget, choices: dict[str, Any]
) -> None:
    for gallery in (asked, opened):
        with gallery.hold_trait_notifications():
            for name, value in choices.items():
                setattr(gallery, name, value)
        gallery.wait()
        assert gallery.error == ""
    assert seen(opened) == seen(asked)
    ours, theirs = opened._page or {}, asked._page or {}
    assert {**ours, "generation": 0} == {**theirs, "generation": 0}
    for row, other in zip(rows_of(opened), rows_of(asked), strict=True):
        assert row["disagreement"] == pytest.approx(other["disagreement"], abs=1e-5)
        for name, state in row["maps"].items():
            assert state["range"] == pytest.approx(other["maps"][name]["range"], rel=1e-4)
            assert state["target"]["index"] == other["maps"][name]["target"]["index"]
            assert state["layer"] == other["maps"][name]["layer"]


def test_no_model_is_asked(results: Results, model: ColourNet) -> None:
    before = model.asked
    gallery = GalleryWidget.open(results.path)
    gallery.order = "wrong"
    gallery.wait()
    assert gallery.summary().pictures == COUNT + 1
    assert model.asked == before
    assert gallery._asks_no_model
    gallery.close()


def test_the_summary_is_that_of_a_gallery_of_the_model(
    asked: GalleryWidget, opened: GalleryWidget
) -> None:
    one, other = opened.summary(), asked.summary()
    for name in ("pictures", "right", "wrong", "unlabelled", "unread", "confusion"):
        assert getattr(one, name) == getattr(other, name)
    assert one.values == other.values
    asked.order = "disagreement"
    asked.wait()
    assert one.disagreements == asked.summary().disagreements
    assert one.disagreements is not None
    assert opened._summary is not None  # It costs nothing, so nobody need ask.


def test_metrics_are_read_sorted_and_summed_up(asked: GalleryWidget, opened: GalleryWidget) -> None:
    for gallery in (asked, opened):
        gallery.metrics = ["deletion"]
        gallery.order = "deletion"
        gallery.wait()
    assert [row["index"] for row in rows_of(opened)] == [row["index"] for row in rows_of(asked)]
    one, other = opened.trust(), asked.trust()
    assert one.rows == other.rows
    assert one.values == pytest.approx(other.values, abs=1e-4)


def test_pictures_are_the_thumbnails_and_maps_as_large_as_they_are(
    opened: GalleryWidget, tmp_path: Path
) -> None:
    row = rows_of(opened)[0]
    assert Image.open(io.BytesIO(row["picture"])).size == (28, 20)
    assert row["size"] == [20, 28]
    assert opened.figure().axes
    write_many(tmp_path, 20)
    small = GalleryWidget.open(tmp_path)
    small.wait()
    for row in rows_of(small):
        # The model saw 224 x 224.
        assert row["size"] == list(Image.open(io.BytesIO(row["picture"])).size) == [160, 160]
    tiles = [path for path in small.save_png(tmp_path / "tiles") if "grad_cam" in path.name]
    assert Image.open(tiles[0]).size == (160, 160)
    small.close()


def test_tiles_a_table_and_a_page_leave_it(opened: GalleryWidget, tmp_path: Path) -> None:
    written = opened.save(tmp_path / "out", "all")
    names = {path.name for path in written}
    assert sum(name.endswith("-grad_cam.png") for name in names) == COUNT
    assert "pictures.csv" in names
    table = opened.to_dataframe()
    assert len(table) == COUNT
    assert {"name", "label", "prediction", "probability", "disagreement"} <= set(table.columns)
    opened.to_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").stat().st_size > 10_000
    assert list(opened.failures) == ["red/broken.png"]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("target", 1, "without their model"),
        ("methods", ["grad_cam", "occlusion"], "choose one or more of"),
        ("layer", "head", "choose one of 'conv'"),
        ("order", "road", "there is no 'road grad_cam' in the results"),
        ("activation", "sigmoid", "were read as 'softmax'"),
        ("show", "fixed", "there is one model"),
        ("page", 99, "there are"),
    ],
)
def test_what_was_not_written_is_refused_with_the_way_out(
    opened: GalleryWidget, name: str, value: Any, why: str
) -> None:
    before = getattr(opened, name)
    with pytest.raises(TraitError, match=why):
        setattr(opened, name, value)
    assert getattr(opened, name) == before


def test_what_needs_the_model_says_so(opened: GalleryWidget) -> None:
    for needs in (
        opened.explorer,
        lambda: opened.work,
        lambda: opened.precompute(methods=["occlusion"]),
    ):
        with pytest.raises(RuntimeError, match=r"GalleryWidget.open\(results, model=...\)"):
            needs()
    opened.rows = "classes"
    with pytest.raises(RuntimeError, match="without their model"):
        opened.wait()
    assert "without their model" in opened.error
    opened.rows = "pictures"
    opened.metrics = ["road"]
    with pytest.raises(RuntimeError, match="road was not measured"):
        opened.wait()


@pytest.fixture
def with_model(results: Results, model: ColourNet) -> Iterator[GalleryWidget]:
    gallery = GalleryWidget.open(results, model, transform=to_tensor, page_size=10)
    gallery.wait()
    yield gallery
    gallery.close()


def test_a_model_answers_what_was_not_written(
    asked: GalleryWidget, with_model: GalleryWidget
) -> None:
    for gallery in (asked, with_model):
        gallery.methods = ["grad_cam", "guided_backprop"]
        gallery.target = "green"
        gallery.order = "confidence"
        gallery.wait()
        assert gallery.error == ""
    assert seen(with_model) == seen(asked)


def test_a_model_is_asked_of_the_page_alone(
    results: Results, model: ColourNet, with_model: GalleryWidget
) -> None:
    before = model.asked
    with_model.page = 2
    with_model.wait()
    assert model.asked == before
    with_model.methods = ["saliency", "guided_backprop"]
    with_model.wait()
    # Beside the page, what is found out about a model once: memory, rules of its ReLUs.
    assert before + 10 <= model.asked < before + COUNT
    with_model.selected = 12
    explorer = with_model.explorer()
    explorer.wait()
    assert explorer.error == ""
    assert "picture-" in explorer.status
    explorer.close()


def test_a_comparison_of_classes_asks_the_model(with_model: GalleryWidget) -> None:
    with_model.rows = "classes"
    with_model.wait()
    assert len(rows_of(with_model)) == 3


def test_another_model_is_refused(results: Results) -> None:
    other = ColourNet()
    with torch.no_grad():
        other.head.weight.add_(1)
    with pytest.raises(ValueError, match="other weights than the ColourNet of the results"):
        GalleryWidget.open(results, other, transform=to_tensor)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"images": ["x.png"]}, "images given without a model"),
        ({"transform": to_tensor}, "transform given without a model"),
        ({"colour": "red"}, "unknown argument 'colour'"),
        ({"order": "nonsense"}, "order"),
    ],
    ids=str,
)
def test_arguments_that_do_not_fit_are_refused(
    results: Results, given: dict[str, Any], why: str
) -> None:
    with pytest.raises((TypeError, ValueError, TraitError), match=why):
        GalleryWidget.open(results, **given)


def test_pictures_that_are_gone_are_asked_for(
    results: Results, model: ColourNet, mixed: Path, tmp_path: Path
) -> None:
    elsewhere = Path(shutil.copytree(mixed, tmp_path / "elsewhere"))
    told = Path(results.path) / "part-00000000-00000000.parquet"
    rows = pq.read_table(told)
    gone = pa.array([f"/nowhere/{name}" for name in rows["name"].to_pylist()])
    pq.write_table(rows.set_column(rows.schema.get_field_index("source"), "source", gone), told)
    with pytest.raises(ValueError, match=r"is no file here; give the pictures .* images="):
        GalleryWidget.open(results, model, transform=to_tensor)
    gallery = GalleryWidget.open(
        results, model, elsewhere, transform=to_tensor, methods=["occlusion"]
    )
    gallery.wait()
    assert gallery.error == ""
    gallery.close()


def test_a_folder_that_is_none_and_one_without_rows_are_refused(
    tmp_path: Path, results: Results
) -> None:
    with pytest.raises(FileNotFoundError, match="no results"):
        GalleryWidget.open(tmp_path / "nowhere")
    for path in Path(results.path).glob("part-*.parquet"):
        path.unlink()
    with pytest.raises(ValueError, match="no row"):
        GalleryWidget.open(results.path)


def test_exact_maps_are_shown_too(
    model: ColourNet, mixed: Path, tmp_path: Path, asked: GalleryWidget
) -> None:
    kept = explain_dataset(
        model,
        mixed,
        tmp_path / "halves",
        maps="float16",
        class_names=NAMES,
        transform=to_tensor,
        progress=False,
        workers=0,
    )
    gallery = GalleryWidget.open(kept, page_size=10)
    gallery.wait()
    for row, other in zip(rows_of(gallery), rows_of(asked), strict=True):
        for name, state in row["maps"].items():
            levels = np.frombuffer(state["data"], np.uint8).astype(int)
            expected = np.frombuffer(other["maps"][name]["data"], np.uint8).astype(int)
            assert np.abs(levels - expected).max() <= 1
    gallery.close()


def test_labels_that_hold_by_themselves_are_told_and_filtered(
    model: ColourNet, mixed: Path, tmp_path: Path
) -> None:
    with torch.no_grad():
        model.head.bias.fill_(-4.0)
    options: dict[str, Any] = {"activation": "sigmoid", "transform": to_tensor}
    kept = explain_dataset(
        model,
        mixed,
        tmp_path / "labels",
        target="label",
        class_names=NAMES,
        progress=False,
        workers=0,
        **options,
    )
    gallery = GalleryWidget.open(kept, page_size=40)
    asked = GalleryWidget(
        model, mixed, NAMES, methods=["grad_cam"], target="label", page_size=40, **options
    )
    for each in (gallery, asked):
        each.show_class = "green"
        each.wait()
        assert each.error == ""
    one, other = rows_of(gallery), rows_of(asked)
    assert [row["index"] for row in one] == [row["index"] for row in other]
    assert any(row["others"] for row in other)
    for row, its in zip(one, other, strict=True):
        assert [each["name"] for each in row["others"]] == [each["name"] for each in its["others"]]
        assert row["right"] == its["right"]
    gallery.close()
    asked.close()


def test_a_method_of_another_library_needs_not_be_made_again(
    model: ColourNet, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat: Callable[..., Any] = lambda model, inputs, target, layer: inputs.abs().sum(1)  # noqa: E731
    theirs = method("their_method", "Their method", flat, family="gradient")
    kept = explain_dataset(
        model,
        mixed,
        tmp_path / "theirs",
        methods=[theirs],
        class_names=NAMES,
        transform=to_tensor,
        progress=False,
        workers=0,
    )
    monkeypatch.setattr("xcnn_widgets.methods.table._others", {})
    gallery = GalleryWidget.open(kept.path)
    gallery.wait()
    assert gallery.error == ""
    assert all("their_method" in row["maps"] for row in rows_of(gallery) if not row["error"])
    gallery.close()


def test_groups_of_maps_filter_the_rows(results: Results) -> None:
    groups = results.cluster("grad_cam", n=3)
    gallery = GalleryWidget.open(results.path, page_size=40)
    told = gallery._groups["groups"]
    assert [each["size"] for each in told] == list(groups.sizes)
    for number in range(3):
        gallery.show_group = number
        gallery.wait()
        assert [row["index"] for row in rows_of(gallery)] == groups.members(number).tolist()
        wrong = sum(row["right"] is False for row in rows_of(gallery))
        assert told[number]["wrong"] == wrong
    with pytest.raises(TraitError, match="expected 0 to 2"):
        gallery.show_group = 3
    gallery.reset()
    assert gallery.show_group is None
    gallery.close()


def test_a_run_that_was_stopped_opens_with_what_it_wrote(
    results: Results, model: ColourNet
) -> None:
    (part,) = Path(results.path).glob("part-*.parquet")
    rows = pq.read_table(part)
    # In another order too, as several workers write.
    kept = rows.filter(pa.array([index % 3 == 1 for index in rows["index"].to_pylist()]))
    pq.write_table(kept.sort_by([("name", "descending")]), part, row_group_size=4)
    gallery = GalleryWidget.open(results.path, page_size=40)
    gallery.wait()
    indices = [row["index"] for row in rows_of(gallery)]
    assert indices == sorted(index for index in range(COUNT + 1) if index % 3 == 1)
    gallery.selected = indices[-1]
    assert gallery.summary().pictures == len(indices)
    gallery.close()
    asked = GalleryWidget.open(results.path, model, transform=to_tensor, methods=["occlusion"])
    asked.wait()
    assert asked.error == ""
    assert [row["index"] for row in rows_of(asked)] == indices
    explorer = asked.explorer()
    explorer.wait()
    assert explorer.error == ""
    explorer.close()
    asked.close()
