"""What can be chosen from Python, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from ipywidgets import Dropdown
from torch import nn
from traitlets import TraitError, link

import xcnn_widgets as xw
from xcnn_widgets.methods import OFFERED
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from ...models.norm_block import Block, folds_from_now_on
from ..conftest import NAMES, on_page, to_input


def expected_heatmap(model: nn.Module, picture: Any, *args: Any, **kwargs: Any) -> Any:
    return xw.explain(model, to_input(picture).unsqueeze(0), *args, **kwargs).heatmaps()[0]


def test_it_opens_on_grad_cam_of_the_predicted_class_at_the_last_layer(
    widget: ExplainerWidget, model: nn.Module, pictures: dict[str, Any]
) -> None:
    np.testing.assert_array_equal(widget.heatmap, expected_heatmap(model, pictures["ant"]))
    assert widget.layer == xw.default_layer(model, to_input(pictures["ant"]).unsqueeze(0)) == "7"
    assert (widget.image_index, widget.method, widget.target, widget.error) == (
        0,
        "grad_cam",
        None,
        "",
    )


@pytest.mark.parametrize("method", OFFERED)
def test_each_method_is_shown_before_the_assignment_returns(
    widget: ExplainerWidget, model: nn.Module, pictures: dict[str, Any], method: str
) -> None:
    widget.patch, widget.stride = 9, 5
    widget.layer = "4"
    widget.target = "blue"
    widget.image_index = 2
    widget.method = method
    uses = {"layer": "4"} if xw.METHODS[method].uses_layer else {}
    options = {"patch": 9, "stride": 5, "exact": False} if method == "occlusion" else {}
    expected = expected_heatmap(model, pictures["cow"], method, 2, **uses, **options)
    assert expected.shape == (40, 56)
    np.testing.assert_allclose(widget.heatmap, expected, atol=1e-6)
    assert widget.explanation is not None
    assert widget.explanation.method == method
    assert widget.status.startswith(xw.METHODS[method].label)
    assert "blue" in widget.status
    assert "cow" in widget.status


def test_the_target_follows_each_pictures_prediction_until_one_is_chosen(
    widget: ExplainerWidget,
) -> None:
    for index in range(3):
        widget.image_index = index
        assert widget.explanation is not None
        assert widget.explanation.target == (widget.predictions[0]["index"],)
    widget.target = 1
    for index in range(3):
        widget.image_index = index
        assert widget.explanation.target == (1,)
    widget.target = None
    assert widget.explanation.target == (widget.predictions[0]["index"],)


def test_predictions_are_the_softmax_with_the_likeliest_first(
    widget: ExplainerWidget, model: nn.Module, pictures: dict[str, Any]
) -> None:
    with torch.no_grad():
        expected = model(to_input(pictures["ant"]).unsqueeze(0))[0].softmax(0)
    assert [p["probability"] for p in widget.predictions] == pytest.approx(
        sorted(expected.tolist(), reverse=True)
    )
    assert all(
        p["probability"] == pytest.approx(float(expected[p["index"]])) for p in widget.predictions
    )
    assert {p["name"] for p in widget.predictions} == set(NAMES)


@pytest.mark.parametrize(
    ("trait", "value", "way_out"),
    [
        ("image_index", 3, "0 to 2"),
        ("image_index", -1, "0 to 2"),
        ("method", "gradcam", "'grad_cam'"),
        ("layer", "layer9", "the model has"),
        ("layer", "11", "no maps"),
        ("target", 4, "0 to 3"),
        ("target", "grean", "did you mean 'green'"),
        ("target", 1.5, "expected a class index"),
        ("patch", 0, "at least 1"),
        ("stride", -2, "at least 1"),
        ("opacity", 1.5, "1.0"),
        ("colormap", "virids", "viridis"),
        ("display", "both", "overlay"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name_and_nothing_is_lost(
    widget: ExplainerWidget, trait: str, value: Any, way_out: str
) -> None:
    before, shown = getattr(widget, trait), widget.heatmap.copy()
    with pytest.raises(TraitError) as refused:
        setattr(widget, trait, value)
    message = str(refused.value)
    assert trait in message
    assert str(value) in message
    assert way_out in message
    assert getattr(widget, trait) == before
    np.testing.assert_array_equal(widget.heatmap, shown)
    widget.target = 3
    assert widget.explanation is not None
    assert widget.explanation.target == (3,)


def test_a_choice_that_cannot_be_computed_goes_back_to_what_is_shown(
    widget: ExplainerWidget,
) -> None:
    widget.method = "occlusion"
    stride, shown = widget.stride, widget.heatmap.copy()
    with pytest.raises(TraitError, match=r"stride = 900: stride 900 is larger than patch"):
        widget.stride = 900
    assert widget.stride == stride
    assert widget.error == ""
    assert widget.progress is None
    np.testing.assert_array_equal(widget.heatmap, shown)


def test_any_layer_with_maps_can_be_set_and_is_then_offered_in_its_place(
    widget: ExplainerWidget,
) -> None:
    assert [layer["name"] for layer in on_page(widget)["_layers"]] == ["1", "4", "7"]
    widget.layer = "3"
    assert [layer["name"] for layer in on_page(widget)["_layers"]] == ["1", "3", "4", "7"]
    assert on_page(widget)["_layers"][1]["shape"] == [12, 20, 28]
    kinds = [layer["kind"] for layer in on_page(widget)["_layers"]]
    assert kinds == ["ReLU", "Conv2d", "ReLU", "ReLU"]
    assert widget.explanation is not None
    assert widget.explanation.layer == "3"
    assert widget.explanation.values.shape == (1, 20, 28)


def test_any_matplotlib_colormap_can_be_set(widget: ExplainerWidget) -> None:
    widget.colormap = "Reds"
    assert len(on_page(widget)["_colormaps"]["Reds"]) == 768


def test_an_unknown_keyword_is_a_type_error_that_suggests_the_known_one(
    model: nn.Module, pictures: Any
) -> None:
    with pytest.raises(TypeError, match=r"'opacitty'.*did you mean 'opacity'"):
        ExplainerWidget(model, pictures, opacitty=0.3)


def test_choices_and_looks_can_be_given_to_start_with(model: nn.Module, pictures: Any) -> None:
    widget = ExplainerWidget(
        model,
        pictures,
        NAMES,
        transform=to_input,
        image_index=1,
        method="saliency",
        target="green",
        opacity=0.25,
    )
    assert repr(widget) == "ExplainerWidget(image='bee', method='saliency', target='green')"
    assert widget.opacity == 0.25
    widget.target = "red"
    widget.opacity = 0.75
    widget.reset()
    assert (widget.target, widget.opacity) == (1, 0.25)


def test_methods_and_layers_offered_can_be_chosen(model: nn.Module, pictures: Any) -> None:
    widget = ExplainerWidget(
        model, pictures, transform=to_input, layers=["4", "3"], methods=["saliency", "grad_cam"]
    )
    assert [method["name"] for method in on_page(widget)["_methods"]] == ["saliency", "grad_cam"]
    assert [layer["name"] for layer in on_page(widget)["_layers"]] == ["4", "3"]
    with pytest.raises(TraitError, match="choose one of 'saliency', 'grad_cam'"):
        widget.method = "occlusion"


@pytest.mark.parametrize("exact", [True, False])
def test_occlusion_runs_the_model_as_it_stands_where_it_has_to_be_exact(
    pictures: Any, monkeypatch: pytest.MonkeyPatch, exact: bool
) -> None:
    model, folds = Block().eval(), folds_from_now_on(monkeypatch)
    widget = ExplainerWidget(model, pictures, transform=to_input, target=1, exact=exact)
    assert not folds
    widget.method = "occlusion"
    weights = [] if exact else [model.conv.weight, model.second.weight]
    assert set(folds) == set(weights)
    inputs = to_input(pictures["ant"])[None]
    options: dict[str, Any] = {"exact": exact, "patch": widget.patch, "stride": widget.stride}
    alone = xw.explain(model, inputs, "occlusion", target=1, **options)
    np.testing.assert_allclose(widget.heatmap, alone.heatmaps()[0], atol=1e-5)


def test_names_that_do_not_fit_the_model_are_refused_at_once(
    model: nn.Module, pictures: Any
) -> None:
    with pytest.raises(ValueError, match="2 names, but the model has 4 classes"):
        ExplainerWidget(model, pictures, ["red", "green"], transform=to_input)


def test_a_model_without_spatial_layers_is_offered_what_it_allows(pictures: Any) -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 40 * 56, 2))
    widget = ExplainerWidget(model, pictures, transform=to_input)
    assert {method["name"] for method in on_page(widget)["_methods"]} == {
        "saliency",
        "guided_backprop",
        "deconvnet",
        "occlusion",
    }
    widget.method = "guided_backprop"
    assert "no ReLU" in widget.note


def test_traits_can_be_linked_with_other_widgets(widget: ExplainerWidget) -> None:
    dropdown = Dropdown(options=["1", "4", "7"], value="7")
    link((dropdown, "value"), (widget, "layer"))
    dropdown.value = "4"
    assert widget.explanation is not None
    assert widget.explanation.layer == "4"
    seen: list[Any] = []
    widget.observe(lambda change: seen.append(change.new), "heatmap")
    widget.layer = "1"
    assert dropdown.value == "1"
    np.testing.assert_array_equal(seen[0], widget.heatmap)


def test_the_heatmap_is_told_to_whoever_observes_it_and_cannot_be_set(
    widget: ExplainerWidget,
) -> None:
    changes: list[Any] = []
    widget.observe(changes.append, "heatmap")
    first = widget.heatmap
    widget.layer = "1"
    with widget.hold_trait_notifications():
        widget.layer = "4"
        widget.opacity = 0.25
    assert [change.new is not first for change in changes] == [True, True]
    assert changes[0].old is first and changes[1].old is changes[0].new
    assert changes[1].new is widget.heatmap
    with pytest.raises(TraitError, match="heatmap"):
        widget.heatmap = first


def test_an_object_that_holds_a_model_brings_its_names_and_transform(
    model: nn.Module, pictures: Any
) -> None:
    class Network:
        def __init__(self) -> None:
            self.model, self.class_names, self.transform = model, NAMES, to_input

    widget = ExplainerWidget(Network(), pictures, target="blue")
    assert "target='blue'" in repr(widget)
    with pytest.raises(TypeError, match=r"expected a torch.nn.Module"):
        ExplainerWidget("resnet18", pictures)
