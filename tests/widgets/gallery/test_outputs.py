"""What comes out of a gallery: an explorer, a figure, a table, files, a stored picture, messages."""

from __future__ import annotations

import base64
import io
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from torch import Tensor, nn

from xcnn_widgets.imaging.overlays import Blend, overlay
from xcnn_widgets.methods.heatmaps import normalise, upsample
from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from ..conftest import NAMES, to_input
from .parts import (
    ColourModel,
    WatchedModel,
    noise,
    opened,
    page_of,
    plain,
    rows_of,
    show,
    values_of,
)

COLOURS = ["red", "green", "blue"]


@pytest.fixture
def gallery(model: nn.Module, sent: Any) -> Any:
    pictures = dict(zip(("ant", "bee", "cow"), noise(3), strict=True))
    with opened(model, pictures, labels=[0, "green", None]) as made:
        yield made


def test_an_explorer_follows_the_selection(gallery: Any) -> None:
    gallery.selected = 1
    explorer = gallery.explorer()
    assert (explorer.image_index, explorer.layer, explorer.method) == (1, "7", "grad_cam")
    gallery.selected = 2
    assert explorer.image_index == 2
    gallery.set_state({"selected": 0})
    assert explorer.image_index == 0
    assert explorer.get_state(["_picture"])["_picture"]["name"] == "ant"
    gallery.selected = None
    assert explorer.image_index == 0
    rows = show(gallery, rows="layers", image_index=2)
    assert explorer.image_index == 2
    gallery.selected = 1
    assert explorer.layer == "4"
    rows = show(gallery, rows="classes")
    gallery.selected = 3
    assert explorer.target == rows[3]["maps"]["grad_cam"]["target"]["index"]
    explorer.close()
    gallery.selected = 0
    assert gallery.error == ""


def test_an_explorer_tells_what_it_cannot_show_and_the_gallery_goes_on() -> None:
    pictures = [*plain((200, 10, 10), (0, 0, 0), (10, 10, 200))]
    with opened(WatchedModel(), pictures, COLOURS) as gallery:
        explorer = gallery.explorer()
        gallery.selected = 1
        assert "NaN" in explorer.error
        assert (gallery.selected, gallery.error, explorer.image_index) == (1, "", 0)
        gallery.set_state({"selected": 2})
        assert (explorer.error, explorer.image_index) == ("", 2)
        explorer.close()


def test_the_figure_has_a_row_for_each_row_and_a_column_for_each_method(gallery: Any) -> None:
    figure = gallery.figure()
    assert len(figure.axes) == 3 * 3
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == ["picture", "Grad-CAM", "Guided Grad-CAM"]
    texts = [text.get_text() for text in figure.findobj() if hasattr(text, "get_text")]
    assert any("bee" in text for text in texts)
    show(gallery, rows="layers", methods=["saliency"])
    figure = gallery.figure()
    assert len(figure.axes) == 3 * 2
    texts = [text.get_text() for text in figure.findobj() if hasattr(text, "get_text")]
    assert any("4 (12 x 8 x 12)" in text for text in texts)


def test_pictures_of_several_shapes_keep_them_in_the_figure(model: nn.Module) -> None:
    shapes = [(16, 24), (40, 10), (12, 12)]
    pictures = [np.full((*shape, 3), 80, np.uint8) for shape in shapes]
    with opened(model, pictures, methods=["grad_cam"]) as gallery:
        figure = gallery.figure()
        shown = [axes.images[0].get_array() for axes in figure.axes if axes.images][::2]
        for cell, (height, width) in zip(shown, shapes, strict=True):
            inside = (cell == 80).all(axis=2)
            assert (inside.any(axis=1).sum(), inside.any(axis=0).sum()) == (height, width)
        ratios = [cell.shape[1] / cell.shape[0] for cell in shown]
        assert max(ratios) / min(ratios) < 1.05


def test_of_a_long_page_the_stored_picture_is_its_beginning(model: nn.Module) -> None:
    with opened(model, noise(40), page_size=40) as gallery:
        stored, whole = stored_picture(gallery), gallery.figure()
        assert len(whole.axes) == 10 * 3
        # Six rows of the ten that fit on a sheet.
        assert stored.height / stored.width < 0.7 * whole.get_figheight() / whole.get_figwidth()


def test_a_page_of_nothing_says_why_there_is_nothing_to_draw(gallery: Any) -> None:
    assert show(gallery, show_text="zzz") == []
    with pytest.raises(RuntimeError, match="nothing to draw yet: 0 of 0 pictures shown"):
        gallery.figure()
    assert "image/png" not in gallery._repr_mimebundle_()[0]


def expected_tile(row: dict[str, Any], picture: Any, method: str, ends: Any, looks: Any) -> Any:
    state = row["maps"][method]
    values = upsample(Tensor(values_of(state))[None], picture.shape[:2])
    if ends is None:
        heat = normalise(values)
    else:
        heat = ((values - ends[0]) / (ends[1] - ends[0])).clamp(0, 1)
    # Alone, a heatmap hides all of the picture.
    blend: Blend = "even" if looks[0] == 1 else "by heat"
    return overlay(picture, heat[0].numpy(), *looks, blend=blend)


@pytest.mark.parametrize("common", [False, True])
def test_every_tile_is_saved_as_it_is_drawn(gallery: Any, tmp_path: Path, common: bool) -> None:
    gallery.common_range, gallery.colormap, gallery.opacity = common, "viridis", 0.4
    gallery.painted = "heat"
    for display, opacity in [("overlay", 0.4), ("heatmap", 1.0)]:
        gallery.display = display
        files = gallery.save_png(tmp_path / "new" / display)
        assert [file.name for file in files] == [
            f"00{i}-{name}-{method}.png"
            for i, name in enumerate(("ant", "bee", "cow"))
            for method in ("grad_cam", "guided_grad_cam")
        ]
        rows, pictures = rows_of(gallery), noise(3)
        for position, row in enumerate(rows):
            for column, method in enumerate(row["maps"]):
                ranges = [other["maps"][method]["range"] for other in rows]
                ends = (min(r[0] for r in ranges), max(r[1] for r in ranges)) if common else None
                tile = expected_tile(row, pictures[position], method, ends, (opacity, "viridis"))
                saved = np.array(Image.open(files[2 * position + column]))
                assert np.abs(saved.astype(int) - tile).max() <= 1


def test_what_is_saved_waits_for_the_page(tmp_path: Path) -> None:
    model = WatchedModel()
    with opened(model, noise(3), COLOURS, methods=["grad_cam"]) as gallery:
        model.hold()
        gallery.layer = "conv"
        gallery.methods = ["saliency"]
        threading.Timer(0.5, model.gate.set).start()
        files = gallery.save_png(tmp_path / "page")
        assert [file.name[-12:] for file in files] == ["saliency.png"] * 3
        gallery.methods = ["saliency", "grad_cam"]
        assert len(gallery.save(tmp_path / "all", "all")) > len(files)
        assert [len(row["maps"]) for row in rows_of(gallery)] == [2] * 3


def test_odd_names_make_file_names(model: nn.Module, tmp_path: Path) -> None:
    odd = ["../../etc/passwd", "a\0b\n", "", "猫" * 200, "con?*:<>|", "same", " same", "ümlaut.png"]
    with opened(model, dict(zip(odd, noise(8), strict=True)), methods=["grad_cam"]) as gallery:
        files = gallery.save_png(str(tmp_path / "tiles"))
        assert len(set(files)) == 8
        assert all(file.parent == tmp_path / "tiles" and file.is_file() for file in files)
        assert sorted(tmp_path.rglob("*.png")) == sorted(files)
        assert files[7].name == "007-ümlaut-png-grad_cam.png"
    with opened(model, noise(1)) as gallery:
        (tmp_path / "file").write_text("here")
        with pytest.raises(OSError, match="file"):
            gallery.save_png(tmp_path / "file")


def test_while_other_columns_are_computed_the_page_is_drawn_as_it_stands() -> None:
    model = WatchedModel()
    with opened(model, noise(3), COLOURS) as gallery:
        model.hold()
        gallery.set_state({"methods": ["saliency"]})
        try:
            assert model.waiting.wait(60)
            assert "image/png" not in gallery._repr_mimebundle_()[0]
        finally:
            model.gate.set()
        gallery.wait(60)
        assert len(gallery.figure().axes) == 6


def test_a_table_tells_what_is_known_of_each_picture(gallery: Any) -> None:
    pandas = pytest.importorskip("pandas")
    table = gallery.to_dataframe()
    assert list(table.columns) == ["name", "label", "prediction", "probability", "disagreement"]
    rows = rows_of(gallery)
    assert table["name"].tolist() == ["ant", "bee", "cow"]
    assert table["label"].tolist()[:2] == ["red", "green"]
    assert table["label"].isna().tolist() == [False, False, True]
    assert table["prediction"].tolist() == [row["prediction"]["name"] for row in rows]
    assert table["probability"].tolist() == [row["prediction"]["probability"] for row in rows]
    assert table["disagreement"].tolist() == [row["disagreement"] for row in rows]
    show(gallery, methods=["saliency"])
    assert gallery.to_dataframe()["disagreement"].isna().all()
    assert isinstance(table, pandas.DataFrame)


def test_the_table_has_all_pictures_once_the_model_has_seen_them_all() -> None:
    pytest.importorskip("pandas")
    with opened(ColourModel(), noise(9), COLOURS, page_size=2) as gallery:
        assert len(gallery.to_dataframe()) == 2
        show(gallery, order="confidence")
        table = gallery.to_dataframe()
        assert table["name"].tolist() == [f"picture {i}" for i in range(9)]
        assert table["probability"].between(0, 1).all()


def test_without_pandas_a_table_says_what_to_install(
    gallery: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        gallery.to_dataframe()


def test_the_mimebundle_has_the_widget_its_text_and_a_picture(gallery: Any) -> None:
    data, _ = gallery._repr_mimebundle_()
    assert data["text/plain"] == repr(gallery)
    assert repr(gallery) == (
        "GalleryWidget(3 pictures, methods=['grad_cam', 'guided_grad_cam'], layer='7', "
        "target='predicted')"
    )
    assert "application/vnd.jupyter.widget-view+json" in data
    drawn = stored_picture(gallery)
    assert drawn.format == "PNG"
    assert min(drawn.size) > 100
    show(gallery, rows="layers", image_index=1)
    assert repr(gallery).startswith("GalleryWidget(layers of 'bee', ")


def stored_picture(gallery: Any) -> Image.Image:
    """What stands in for the gallery where no script runs."""
    data, _ = gallery._repr_mimebundle_()
    return Image.open(io.BytesIO(base64.b64decode(data["image/png"])))


def row_messages(messages: list[Any]) -> list[str]:
    return [name for m in messages for name in m.state if name.startswith("_row_")]


def test_rows_come_as_traits_of_their_own_each_once(gallery: Any, sent: Any) -> None:
    before = len(sent(gallery))
    show(gallery, target=0)
    messages = sent(gallery)[before:]
    assert sorted(row_messages(messages)) == ["_row_0", "_row_1", "_row_2"]
    assert all(len(m.state) == 1 for m in messages if row_messages([m]))
    order = [name for m in messages for name in m.state]
    assert order.index("_page") < order.index("_row_0")
    before = len(sent(gallery))
    show(gallery, page_size=2)
    # The place that is not used any more is emptied.
    assert row_messages(sent(gallery)[before:]) == ["_row_2", "_row_0", "_row_1"]
    assert gallery.row(2) is None


def test_looks_start_no_work_and_send_no_rows(gallery: Any, sent: Any) -> None:
    before, generation = len(sent(gallery)), page_of(gallery)["generation"]
    gallery.set_state({"opacity": 0.1, "colormap": "jet", "display": "heatmap"})
    gallery.set_state({"common_range": True})
    assert page_of(gallery)["generation"] == generation
    assert gallery.progress is None
    assert row_messages(sent(gallery)[before:]) == []


def test_fifty_rows_are_small(model: nn.Module, sent: Any) -> None:
    side = (96, 128)
    with opened(model, noise(50, *side), layer="7", page_size=50) as gallery:
        messages = [m for m in sent(gallery) if row_messages([m])]
        assert len(messages) == 50
        for message in messages:
            row = next(iter(message.state.values()))
            data = [len(buffer) for buffer in message.buffers]
            # One level a pixel, three in colour, and a JPEG, which of noise is at its largest; little else.
            assert sum(data) <= 4 * side[0] * side[1] + 24 * 32 + 1.5 * side[0] * side[1]
            assert len(repr(dict(message))) - len(row["name"]) < 1_200


def test_one_gallery_is_one_comm(gallery: Any, sent: Any) -> None:
    opening = [m for m in sent(gallery) if "_esm" in m.get("state", {})]
    assert len(opening) == 1
    # Every widget has a layout; there is no other model of its own behind it.
    models = [
        name for name, value in gallery.get_state().items() if str(value).startswith("IPY_MODEL_")
    ]
    assert models == ["layout"]


def test_a_gallery_stored_in_a_notebook_is_complete(gallery: Any) -> None:
    state = gallery.get_state()
    assert state["_page"]["rows"] == 3
    assert [state[f"_row_{i}"]["name"] for i in range(3)] == ["ant", "bee", "cow"]
    assert state["_images"] == {"total": 3}
    assert [m["name"] for m in state["_methods"]][:2] == ["grad_cam", "guided_grad_cam"]
    assert "occlusion" not in [m["name"] for m in state["_methods"]]
    assert state["_class_names"] == NAMES
    assert set(state["_defaults"]) >= {"rows", "order", "opacity", "page_size", "common_range"}


def test_the_figure_is_drawn_also_when_its_pictures_are_gone(
    model: nn.Module, tmp_path: Path
) -> None:
    Image.fromarray(noise(1)[0]).save(tmp_path / "a.png")
    gallery = GalleryWidget(model, tmp_path, NAMES, transform=to_input, cache_bytes=0)
    gallery.wait(60)
    (tmp_path / "a.png").unlink()
    assert len(gallery.figure().axes) == 3
    assert "image/png" in gallery._repr_mimebundle_()[0]
    gallery.close()
