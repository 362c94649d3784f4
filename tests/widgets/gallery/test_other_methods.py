"""Methods that the gallery does not offer by itself: slow ones, and those made of other people's code."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import captum.attr
import numpy as np
import pytest
import torch
from torch import Tensor, nn

import xcnn_widgets as xw

from ..conftest import NAMES
from .parts import noise, opened, rows_of, sent_of, show, values_of

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum")


def redness(_model: nn.Module, inputs: Tensor, target: Tensor, _layer: Any) -> Tensor:
    """How red each pixel is, times the class."""
    return inputs[:, 0].detach() * target[:, None, None]


REDNESS = xw.method("redness", "Redness", redness, "perturbation")
DEEP_LIFT = xw.from_captum(captum.attr.DeepLift)


def test_methods_made_of_other_code_have_columns_beside_ours(model: nn.Module) -> None:
    pictures = noise(3)
    methods = [REDNESS, "layer_cam", DEEP_LIFT]
    with opened(model, pictures, methods=methods, target=2) as gallery:
        rows = rows_of(gallery)
        assert gallery.methods == ["redness", "layer_cam", "deep_lift"]
        for row, picture in zip(rows, pictures, strict=True):
            assert row["error"] == ""
            found = values_of(row["maps"]["redness"])
            assert found.shape == (16, 24)
            expected = picture[:, :, 0] / 255 * 2
            np.testing.assert_allclose(found, expected, atol=1 / 255)
            inputs = torch.from_numpy(picture).permute(2, 0, 1)[None] / 255
            theirs = xw.explain(model, inputs, "deep_lift", 2).maps()[0].numpy()
            found = values_of(row["maps"]["deep_lift"])
            np.testing.assert_allclose(found, theirs, atol=np.ptp(theirs) / 200)
        # The usual quick ones are there to choose from.
        offered = [method["name"] for method in sent_of(gallery, "_methods")]
        assert offered[0] == "grad_cam"
        assert set(offered) >= {"saliency", "redness", "layer_cam", "deep_lift"}
        assert "occlusion" not in offered
        assert "redness" in show(gallery, methods=["saliency", "redness"])[0]["maps"]


def test_other_methods_are_compared_by_layers_and_by_disagreement(model: nn.Module) -> None:
    with opened(model, noise(3), methods=["redness", "grad_cam"]) as gallery:
        rows = show(gallery, rows="layers")
        assert len(rows) > 1
        assert all(row["maps"]["redness"]["layer"] is None for row in rows)
        rows = show(gallery, rows="pictures", order="disagreement")
        apart = [row["disagreement"] for row in rows]
        assert apart == sorted(apart, reverse=True)


def test_other_methods_are_drawn_saved_and_stand_on_pages(model: nn.Module, tmp_path: Path) -> None:
    with opened(model, noise(2), methods=[DEEP_LIFT, REDNESS]) as gallery:
        titles = [axes.get_title() for axes in gallery.figure().axes]
        assert {"DeepLift (Captum)", "Redness"} <= {title.strip() for title in titles}
        files = gallery.save(tmp_path / "saved")
        assert sum("redness" in file.name for file in files) == 2
        with np.load(next(file for file in files if file.suffix == ".npz")) as arrays:
            assert {"redness", "deep_lift_heatmap"} <= {*arrays}
        assert gallery.precompute(layers=[], methods=["redness", "deep_lift"]) > 0
        saved = {each["method"] for each in sent_of(gallery, "_atlas")["maps"]}
        assert saved == {"redness", "deep_lift"}
        page = tmp_path / "page.html"
        gallery.to_html(page)
        assert "DeepLift (Captum)" in page.read_text()
        assert gallery._repr_mimebundle_()[0]["image/png"]


def test_occlusion_has_a_column_where_it_is_asked_for(model: nn.Module) -> None:
    with opened(model, noise(2), methods=["occlusion"]) as gallery:
        row = rows_of(gallery)[0]
        inputs = torch.from_numpy(noise(1)[0]).permute(2, 0, 1)[None] / 255
        theirs = xw.explain(model, inputs, "occlusion", patch=2, stride=1, exact=False)
        found = theirs.values[0].numpy()
        np.testing.assert_allclose(
            values_of(row["maps"]["occlusion"]), found, atol=np.ptp(found) / 200
        )
        assert show(gallery, rows="layers")[0]["error"] == ""


def test_an_explorer_beside_the_gallery_offers_them_too(model: nn.Module) -> None:
    with opened(model, noise(1), methods=["redness", "grad_cam"]) as gallery:
        explorer = gallery.explorer()
        explorer.method = "redness"
        assert explorer.status.startswith("Redness for ")
        explorer.close()


def test_what_a_method_of_other_code_raises_stands_in_its_row(model: nn.Module) -> None:
    def fails(*_: Any) -> Tensor:
        raise KeyError("nothing")

    bad = xw.method("bad", "Bad", fails)
    with opened(model, noise(1), methods=[bad]) as gallery:
        assert "Bad failed on this model: KeyError: 'nothing'" in (rows_of(gallery)[0]["error"])
        assert show(gallery, methods=["grad_cam"])[0]["error"] == ""


def test_cancel_stops_a_slow_column_and_no_row_fails_for_it(model: nn.Module) -> None:
    asked, gate = threading.Event(), threading.Event()

    def slow(net: nn.Module, inputs: Tensor, _target: Tensor, _layer: Any) -> Tensor:
        asked.set()
        assert gate.wait(60)
        net(inputs)
        raise AssertionError("it was not stopped")

    waits = xw.method("waits", "Waits", slow)
    gallery = xw.GalleryWidget(model, noise(2), NAMES, methods=[waits])
    assert asked.wait(60)
    gallery.set_state({"_cancel": 1})
    gate.set()
    gallery.wait(60)
    assert gallery.status.startswith("Cancelled")
    assert [gallery.row(place) for place in range(2)] == [None, None]
    assert gallery.failures == {}
    gallery.close()


def test_methods_are_refused_by_name() -> None:
    net = nn.Conv2d(3, 2, 1)
    with pytest.raises(TypeError, match="expected a list: \\['redness'\\]"):
        xw.GalleryWidget(net, noise(1), methods=REDNESS)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no method 'nope'"):
        xw.GalleryWidget(net, noise(1), methods=["nope"])
