"""What does not fit is named: raised to Python, told in the widget to who sits before it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from traitlets import TraitError

from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from ..conftest import NAMES, to_input
from .parts import (
    noise,
    opened,
    page_of,
    rows_of,
    sent_of,
    show,
)

WRONG = [
    ("rows", "columns", "rows"),
    ("image_index", 3, r"image_index = 3: there are 3 pictures, 0 to 2"),
    ("image_index", -1, r"image_index = -1"),
    ("layer", "layer9", r"layer = 'layer9': choose one of '1', '4', '7'.*layers="),
    ("target", "mauve", r"target = 'mauve': there is no class 'mauve'.*'predicted' or 'label'"),
    ("target", 4, r"target = 4: .*0 to 3"),
    ("target", -1, r"target = -1"),
    ("target", True, r"target = True"),
    ("target", [1], r"target = \[1\]: expected one class"),
    ("target", 1.5, r"target = 1\.5"),
    ("target", "label", r"target = 'label': the pictures have no labels"),
    ("methods", [], r"methods = \[\]: choose one or more of 'grad_cam'"),
    ("methods", ["grad_kam"], r"methods = \['grad_kam'\]: choose one or more of"),
    ("methods", ["occlusion"], r"methods = \['occlusion'\]"),
    ("page", 2, r"page = 2: there is 1 page"),
    ("page", -1, r"page = -1: pages are counted from 1"),
    ("page_size", 0, r"page_size = 0: expected 1 to 100 rows"),
    ("page_size", 101, r"page_size = 101"),
    ("order", "random", "order"),
    ("order", "wrong", r"order = 'wrong': the pictures have no labels"),
    ("show", "right", r"show = 'right': the pictures have no labels"),
    ("show_class", "mauve", r"show_class = 'mauve': there is no class"),
    ("show_class", 9, r"show_class = 9"),
    ("show_text", 3, "show_text"),
    ("selected", 3, r"selected = 3: expected 0 to 2, or None"),
    ("display", "picture", "display"),
    ("opacity", 2.0, "opacity"),
    ("colormap", "mud", r"colormap = 'mud'"),
]


@pytest.fixture
def gallery(model: nn.Module) -> Any:
    with opened(model, noise(3)) as made:
        yield made


@pytest.mark.parametrize(("trait", "value", "words"), WRONG)
def test_a_wrong_choice_raises_in_python_and_is_told_in_the_browser(
    gallery: Any, trait: str, value: Any, words: str
) -> None:
    before, generation = getattr(gallery, trait), page_of(gallery)["generation"]
    with pytest.raises(TraitError, match=words):
        setattr(gallery, trait, value)
    assert gallery.error == ""
    gallery.set_state({trait: value})
    assert gallery.error != ""
    assert trait in gallery.error
    assert getattr(gallery, trait) == before
    assert page_of(gallery)["generation"] == generation
    gallery.set_state({"layer": "4"})
    gallery.wait(60)
    assert gallery.error == ""


# What is slow is offered where it is asked for from the start.
REFUSED = [each for each in WRONG if each[1] != ["occlusion"]]


@pytest.mark.parametrize(("trait", "value", "words"), REFUSED)
def test_a_wrong_choice_is_refused_when_the_gallery_is_made(
    model: nn.Module, trait: str, value: Any, words: str
) -> None:
    with pytest.raises(
        (TraitError, TypeError, ValueError), match=trait if trait != "methods" else "method"
    ):
        GalleryWidget(model, noise(3), NAMES, **{"transform": to_input, trait: value})


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"page_sise": 3}, TypeError, "unknown argument 'page_sise'; did you mean 'page_size'"),
        ({"methods": "grad_cam"}, TypeError, r"methods is 'grad_cam'; expected a list"),
        ({"layers": ["nope"]}, ValueError, "no layer 'nope'"),
        ({"class_names": ["a"]}, ValueError, "class_names has 1 names, but the model has 4"),
        ({"transform": 3}, TypeError, "transform 3 is a int"),
        ({"cache_bytes": -1}, ValueError, "cache_bytes is -1"),
        ({"cache_bytes": "1 GB"}, ValueError, "cache_bytes is '1 GB'"),
        ({"images": []}, ValueError, "there are no pictures"),
        ({"images": "nowhere/at/all"}, FileNotFoundError, "nowhere/at/all"),
        ({"model_or_explainer": "resnet"}, TypeError, "model is a str"),
    ],
)
def test_a_wrong_argument_is_named(
    model: nn.Module, arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    given = {"model_or_explainer": model, "images": noise(2), "transform": to_input, **arguments}
    with pytest.raises(error, match=words):
        GalleryWidget(**given)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("predicted", "predicted"),
        (None, "predicted"),
        ("green", 1),
        ("GREEN", 1),
        (2, 2),
        (np.int64(3), 3),
        (torch.tensor(1), 1),
        (NAMES[3], 3),
    ],
)
def test_a_target_is_a_word_an_index_or_a_name(gallery: Any, value: Any, kept: Any) -> None:
    rows = show(gallery, target=value)
    assert gallery.target == kept
    assert type(gallery.target) in (int, str)
    explained = {row["maps"]["grad_cam"]["target"]["index"] for row in rows}
    predicted = {row["prediction"]["index"] for row in rows}
    assert explained == (predicted if kept == "predicted" else {kept})


def test_no_layer_stands_for_the_first_one_chosen(gallery: Any) -> None:
    gallery.layer = "1"
    gallery.layer = None
    assert gallery.layer == "7"


def test_choices_come_with_the_constructor_and_reset_leads_back_to_them(model: nn.Module) -> None:
    with opened(
        model, noise(9), target="green", page_size=2, page=4, layer="4", opacity=0.7,
        methods=["saliency", "grad_cam"], order="confidence", display="heatmap",
    ) as gallery:  # fmt: skip
        rows = rows_of(gallery)
        assert (gallery.page, gallery.target, len(rows)) == (4, 1, 2)
        show(gallery, order="given", target=2, methods=["deconvnet"], layer="1", page_size=3)
        gallery.opacity = 0.1
        gallery.reset()
        gallery.wait(60)
        again = rows_of(gallery)
        assert [{**row, "generation": 0} for row in again] == [
            {**row, "generation": 0} for row in rows
        ]
        assert (gallery.opacity, gallery.page, gallery.layer) == (0.7, 4, "4")


def test_what_holds_a_model_with_its_names_and_transform_is_taken(model: nn.Module) -> None:
    class Net:
        def __init__(self) -> None:
            self.model, self.class_names, self.transform = model, NAMES, to_input

    gallery = GalleryWidget(Net(), noise(2))
    gallery.wait(60)
    assert sent_of(gallery, "_class_names") == NAMES
    assert rows_of(gallery)[0]["size"] == [16, 24]
    gallery.close()
