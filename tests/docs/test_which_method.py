"""Which method when: the tables are complete, are what was measured, and come out again."""

from __future__ import annotations

import pytest

import xcnn_widgets as xw

from .which_method.measuring import REFERENCES, REMOVAL, sanity, stored
from .which_method.table import PAGE, Removal, is_for_any_class, stays, written

STORED = stored()
METHODS = STORED["methods"]


def test_every_method_was_measured() -> None:
    assert set(METHODS) == set(xw.METHODS)
    assert set(STORED["references"]) == set(REFERENCES)
    count = len(STORED["pictures"])
    for it in (*METHODS.values(), *STORED["references"].values()):
        assert all(len(row) == count for metric in REMOVAL for row in it[metric])


def test_the_page_has_what_was_measured() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page, STORED) == page


@pytest.mark.parametrize("name", ["grad_cam", "guided_backprop", "saliency"])
def test_it_comes_out_again(name: str) -> None:
    found = sanity(name)
    for what in ("classifier", "everything", "other_class"):
        assert found[what] == pytest.approx(METHODS[name][what], abs=0.03), what


def test_the_advice_follows_from_the_numbers() -> None:
    found = Removal(STORED)
    cams = {name for name, method in xw.METHODS.items() if method.family == "cam"}
    assert {name for name in METHODS if found.is_better(name, "road")} == {*cams, "rise"}
    assert found.best("road") == found.best("insertion") == ["rise"]
    assert not any(found.is_better(name, "deletion") for name in METHODS)
    assert not any(found.is_better(name, "insertion") for name in METHODS)
    assert not found.beats("saliency", "random", "road")
    depends = {name: sum(map(abs, it["classifier"])) for name, it in METHODS.items()}
    assert min(depends, key=lambda name: depends[name]) == "rise"
    know_no_class = {name for name in METHODS if is_for_any_class(METHODS[name])}
    assert know_no_class == {
        "grad_cam_plus_plus",
        "layer_cam",
        "eigen_cam",
        "score_cam",
        "guided_backprop",
        "deconvnet",
    }
    for name in ("grad_cam", "rise", "occlusion", "saliency", "smooth_grad", "guided_grad_cam"):
        assert not stays(METHODS[name]), name
    for name in ("guided_backprop", "deconvnet", "integrated_gradients"):
        assert stays(METHODS[name]), name


def test_three_cams_are_one_map_at_the_last_layer() -> None:
    for name in ("hires_cam", "xgrad_cam"):
        assert METHODS[name]["deletion"] == METHODS["grad_cam"]["deletion"]
