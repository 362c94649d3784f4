"""The three widgets through their traits: what they show is what was worked out by hand."""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.transforms import ToTensor
from traitlets import TraitError

import xcnn_widgets as xw
from xcnn_widgets.methods import OFFERED

from . import by_hand
from .network import NAMES, SmallNetwork, pictures

SIZE = (40, 56)
BLUE = 2


@pytest.fixture(scope="module")
def model() -> nn.Module:
    return SmallNetwork(nn.ReLU(inplace=True))


@pytest.fixture(scope="module")
def inputs() -> Tensor:
    return torch.stack([ToTensor()(picture) for picture in pictures().values()])


@pytest.fixture
def explorer(model: nn.Module) -> Iterator[xw.ExplainerWidget]:
    made = xw.ExplainerWidget(
        model, pictures(), NAMES, transform=ToTensor(), layers=["first", "second"]
    )
    made.wait(60)
    yield made
    made.close()


@pytest.fixture
def gallery(model: nn.Module) -> Iterator[xw.GalleryWidget]:
    made = xw.GalleryWidget(
        model, pictures(), NAMES, transform=ToTensor(), layers=["first", "second"], labels=[0, 1, 2]
    )
    made.wait(60)
    yield made
    made.close()


@pytest.fixture
def brush(model: nn.Module) -> Iterator[xw.OcclusionBrush]:
    made = xw.OcclusionBrush(model, pictures(), NAMES, transform=ToTensor(), target=BLUE)
    yield made
    made.close()


@pytest.mark.parametrize("method", OFFERED)
def test_the_explorer_shows_the_heatmap_worked_out_by_hand(
    explorer: Any, model: nn.Module, inputs: Tensor, method: str
) -> None:
    explorer.patch, explorer.stride = by_hand.PATCH, by_hand.STRIDE
    explorer.image_index, explorer.layer, explorer.target = 1, "second", NAMES[BLUE]
    explorer.method = method
    explorer.wait(60)
    values = by_hand.ATTRIBUTIONS[method](model, inputs[1:2], [BLUE], "second")
    heatmap = torch.from_numpy(explorer.heatmap)
    assert by_hand.difference(heatmap, by_hand.heatmaps(values, SIZE)[0]) < 1e-3
    assert explorer.error == ""
    assert NAMES[BLUE] in repr(explorer)


def test_the_explorer_tells_what_the_model_answers(
    explorer: Any, model: nn.Module, inputs: Tensor
) -> None:
    shares = answers(model, inputs)[0]
    found = {each["index"]: each["probability"] for each in explorer.predictions}
    assert found == {i: pytest.approx(float(share), abs=1e-5) for i, share in enumerate(shares)}
    with pytest.raises(TraitError, match="'rde'"):
        explorer.target = "rde"


def test_the_explorer_stands_as_a_picture_where_no_kernel_runs(explorer: Any) -> None:
    assert len(explorer.figure().axes) >= 3
    assert min(standing_picture(explorer).size) > 100


def test_a_page_holds_every_view_and_asks_for_nothing(
    explorer: Any, model: nn.Module, inputs: Tensor, tmp_path: Path
) -> None:
    explorer.layer = "second"
    explorer.to_html(tmp_path / "page.html", "A <b>title</b>")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<title>A &lt;b&gt;title&lt;/b&gt;</title>" in page
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    state = state_in(page)
    assert state["_class_names"] == NAMES
    entries = state["_atlas"]["entries"]
    assert {entry["method"] for entry in entries} == {*OFFERED} - {"occlusion"}
    one = next(
        entry
        for entry in entries
        if (entry["method"], entry["layer"]) == ("grad_cam", "second")
        and (entry["image_index"], entry["target"]["index"]) == (1, BLUE)
    )
    expected = by_hand.grad_cam(model, inputs[1:2], [BLUE], "second")[0]
    assert by_hand.difference(map_of(one), expected) < 1 / 255


def test_the_gallery_fills_its_page_and_lists_what_it_found(
    gallery: Any, model: nn.Module, inputs: Tensor
) -> None:
    pytest.importorskip("pandas")
    table = gallery.to_dataframe()
    shares = answers(model, inputs)
    assert gallery.status == "3 of 3 pictures shown"
    assert gallery.failures == {}
    assert table["name"].tolist() == [*pictures()]
    assert table["label"].tolist() == NAMES[:3]
    assert table["prediction"].tolist() == [NAMES[i] for i in shares.argmax(1)]
    assert table["probability"].tolist() == pytest.approx(shares.amax(1).tolist(), abs=1e-3)
    assert table["disagreement"].between(0, 1).all()


@pytest.mark.parametrize("rows", ["pictures", "layers", "classes"])
def test_the_gallery_draws_its_rows(gallery: Any, rows: str) -> None:
    gallery.methods = ["grad_cam", "guided_backprop", "saliency"]
    gallery.rows = rows
    gallery.wait(60)
    assert gallery.error == ""
    count = {"pictures": 3, "layers": 2, "classes": 4}[rows]
    assert len(gallery.figure().axes) >= 3 * count


def test_the_gallery_filters_and_refuses(gallery: Any) -> None:
    gallery.show_text = "picture 1"
    gallery.wait(60)
    assert gallery.status == "1 of 1 picture shown"
    gallery.show_text = ""
    gallery.wait(60)
    assert gallery.status == "3 of 3 pictures shown"
    with pytest.raises(TraitError, match="methods"):
        gallery.methods = ["no such"]


def test_the_gallery_saves_its_tiles(gallery: Any, tmp_path: Path) -> None:
    gallery.order = "confidence"
    gallery.wait(60)
    files = gallery.save_png(tmp_path)
    assert len(files) == 3 * 2
    assert {Image.open(file).format for file in files} == {"PNG"}


def test_the_gallery_goes_on_a_page(gallery: Any, tmp_path: Path) -> None:
    gallery.precompute(methods=["grad_cam", "saliency"], layers=["second"], targets=["predicted"])
    gallery.wait(60)
    gallery.to_html(tmp_path / "page.html", title="Many")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    state = state_in(page)
    assert state["_images"]["total"] == 3
    assert state["_atlas"]


def test_an_explorer_follows_the_gallery(gallery: Any) -> None:
    explorer = gallery.explorer()
    gallery.selected = 2
    assert explorer.image_index == 2
    explorer.wait(60)
    explorer.close()


def test_the_brush_tells_what_the_model_answers_to_the_masked_input(
    brush: Any, model: nn.Module, inputs: Tensor
) -> None:
    mask = np.zeros(SIZE, bool)
    mask[:20, 7:35] = True
    brush.mask = mask
    assert torch.equal(brush.masked_input[:, ~mask], inputs[0][:, ~mask])
    before, after = (answers(model, x[None])[0, BLUE] for x in (inputs[0], brush.masked_input))
    assert brush.answer.hidden == 0.25
    assert brush.answer.target.before == pytest.approx(float(before), abs=1e-5)
    assert brush.answer.target.after == pytest.approx(float(after), abs=1e-5)
    assert brush.history[-1]["hidden"] == 0.25
    brush.undo()
    assert not brush.mask.any()
    brush.redo()
    assert np.array_equal(brush.mask, mask)


@pytest.mark.parametrize("fill", ["mean", "blur", "noise", "black"])
def test_the_brush_hides_with_each_fill(brush: Any, inputs: Tensor, fill: str) -> None:
    brush.fill = fill
    brush.mask = np.ones(SIZE, bool)
    assert brush.error == ""
    assert not torch.equal(brush.masked_input, inputs[0])
    assert torch.isfinite(brush.masked_input).all()


def test_the_brush_hides_what_a_heatmap_finds_important(
    brush: Any, model: nn.Module, inputs: Tensor
) -> None:
    brush.method = "saliency"
    brush.paint_map(0.25)
    heatmap = by_hand.heatmaps(by_hand.saliency(model, inputs[:1], [BLUE], ""), SIZE)[0].numpy()
    assert brush.mask.sum() == 560
    assert (brush.mask == xw.mask_from_heatmap(heatmap, 0.25)).mean() > 0.99
    assert min(standing_picture(brush).size) > 100


def test_the_brush_sets_a_challenge(brush: Any) -> None:
    brush.goal = 0.01
    brush.paint_map(0.5)
    brush.wait(60)
    assert brush.challenge is not None
    assert brush.error == ""


def test_an_explorer_hands_its_view_to_a_brush(explorer: Any) -> None:
    explorer.image_index = 1
    brush = explorer.hide_and_see()
    assert brush.image_index == 1
    explorer.target = BLUE
    assert brush.answer.target.name == NAMES[BLUE]
    brush.close()


def answers(model: nn.Module, inputs: Tensor) -> Tensor:
    """The probabilities, ``(B, classes)``."""
    with torch.no_grad():
        shares: Tensor = model(inputs).softmax(1)
    return shares


def standing_picture(widget: Any) -> Image.Image:
    """What a notebook stores beside the widget."""
    data, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    return Image.open(io.BytesIO(base64.b64decode(data["image/png"])))


def map_of(entry: dict[str, Any]) -> Tensor:
    """A view that was computed ahead, in true values, ``(h, w)``."""
    stored = base64.b64decode(entry["data"]["base64"])
    levels = zlib.decompress(stored) if entry["encoding"] == "deflate" else stored
    low, high = entry["range"]
    grid = torch.frombuffer(bytearray(levels), dtype=torch.uint8).reshape(entry["shape"])
    return low + grid / 255 * (high - low)


def state_in(page: str) -> dict[str, Any]:
    """The state of the widget on a page."""
    found = re.search(r'id="xcnn-state">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    state: dict[str, Any] = json.loads(found[1])
    return state
