"""What a map is worth, as data: against the same numbers asked of the metrics directly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import xcnn_widgets as xw
from xcnn_widgets import metrics
from xcnn_widgets.study import Choice, Doubts, Exploration, RandomNetworks, randomised_state

NAMES = ["red", "green", "blue"]


def to_input(picture: Any) -> torch.Tensor:
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() / 255


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(6, 8, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 3),
    ).eval()


@pytest.fixture
def exploration(model: nn.Module) -> Exploration:
    picture = np.random.default_rng(2).integers(0, 256, (20, 28, 3), np.uint8)
    return Exploration(model, {"ant": picture}, NAMES, transform=to_input)


def choice(method: str = "saliency", target: int | None = 2) -> Choice:
    return Choice(0, method, None, target, 8, 4)


def inputs_of(exploration: Exploration) -> torch.Tensor:
    return exploration.prepared(0).input.unsqueeze(0)


def test_random_networks_are_those_of_the_metric(exploration, model):
    found = Doubts(exploration).trust(choice())
    same = metrics.randomisation(model, inputs_of(exploration), "saliency", 2)
    assert found.randomised.layers == same.layers == ("6", "2", "0")
    np.testing.assert_allclose(found.randomised.rank_correlation, same.rank_correlation[:, 0])
    np.testing.assert_allclose(found.randomised.maps, same.maps[:, 0])
    mean = float(same.rank_correlation[:, 0].abs().mean())
    assert found.randomised.mean_correlation == pytest.approx(mean)
    assert found.randomised.stays_up == (mean >= 0.5)
    frame = found.randomised.to_dataframe()
    assert list(frame.columns) == ["step", "layer", "rank_correlation"]
    assert (found.image, found.method, found.target, found.why) == ("ant", "saliency", "blue", {})


@pytest.mark.parametrize("name", ["map", "random", "sobel"])
def test_curves_are_those_of_the_metric(exploration, model, name):
    found, inputs = Doubts(exploration).trust(choice()).removed, inputs_of(exploration)
    maps = (
        xw.explain(model, inputs, "saliency", 2).maps()
        if name == "map"
        else metrics.REFERENCE_MAPS[name](inputs, 0)
    )
    taken = metrics.deletion(model, inputs, maps, 2)
    given = metrics.insertion(model, inputs, maps, 2)
    np.testing.assert_allclose(found.deletion[name], taken.scores[0], atol=1e-5)
    np.testing.assert_allclose(found.insertion[name], given.scores[0], atol=1e-5)
    assert found.areas("deletion")[name] == pytest.approx(float(taken.area), abs=1e-5)
    assert len(found.to_dataframe()) == 2 * 3 * 21


def test_curves_of_three_maps_pass_equal_pictures_once(exploration, model):
    doubts = Doubts(exploration)
    about = doubts.doubted(choice())
    doubts.removed(about)
    seen = []
    counted = model.register_forward_pre_hook(lambda _, given: seen.extend(given[0].clone()))
    told: list[float] = []
    doubts.removed(about, told.append)
    counted.remove()
    # The picture as it is, all of it filled in two ways, and 19 steps of each curve between.
    assert len(seen) == 1 + 2 + 3 * 2 * 19
    assert len({picture.numpy().tobytes() for picture in seen}) == len(seen)
    assert told == sorted(told) and told[-1] == 1


def test_the_order_is_the_step_in_which_each_pixel_goes(exploration, model):
    found, inputs = Doubts(exploration).trust(choice()).removed, inputs_of(exploration)
    assert found.order.shape == (20, 28)
    assert (found.order.min(), found.order.max()) == (1, 20)
    gone = torch.from_numpy(found.order <= 7)
    mean = inputs.mean(dim=(2, 3), keepdim=True)
    with torch.no_grad():
        said = model(torch.where(gone, mean, inputs)).softmax(dim=1)[0, 2]
    assert found.deletion["map"][7] == pytest.approx(float(said), abs=1e-5)


def test_the_other_class_is_the_likeliest_that_is_not_explained(exploration, model):
    with torch.no_grad():
        first, second = model(inputs_of(exploration))[0].argsort(descending=True)[:2].tolist()
    for target, other in ((None, second), (first, second), (second, first)):
        found = Doubts(exploration).trust(choice(target=target)).other
        own = first if target is None else target
        maps = [
            xw.explain(model, inputs_of(exploration), "saliency", each).maps()
            for each in (own, other)
        ]
        assert found.name == NAMES[other]
        alike = float(metrics.rank_correlation(*maps))
        assert found.rank_correlation == pytest.approx(alike, abs=1e-4)


def test_a_map_that_follows_the_picture_alone_stays_up(exploration):
    edges = xw.method(
        "edges",
        "Edges",
        lambda _model, inputs, _target, _layer: metrics.REFERENCE_MAPS["sobel"](inputs, 0),
        family="perturbation",
    )
    found = Doubts(
        Exploration(
            exploration.model,
            np.random.default_rng(3).integers(0, 256, (20, 28, 3), np.uint8),
            NAMES,
            transform=to_input,
            methods=[edges],
        )
    ).trust(choice("edges"))
    np.testing.assert_allclose(found.randomised.rank_correlation, 1)
    assert found.randomised.stays_up
    assert found.other.rank_correlation == pytest.approx(1)
    np.testing.assert_allclose(found.removed.deletion["map"], found.removed.deletion["sobel"])


def test_the_model_is_never_changed(exploration, model):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    Doubts(exploration).trust(choice("guided_backprop"))
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])


def test_what_does_not_fit_says_why(model):
    nothing = xw.method(
        "nothing", "Nothing", lambda _m, inputs, _t, _l: inputs[:, 0] * 0, family="perturbation"
    )
    flat = Exploration(
        model, np.full((20, 28, 3), 9, np.uint8), NAMES, transform=to_input, methods=[nothing]
    )
    with pytest.raises(ValueError, match="the same everywhere, so there is nothing to check"):
        Doubts(flat).trust(choice("nothing"))


@pytest.mark.parametrize(("side", "clipped_at"), [(7, None), (100, 0.99)])
def test_a_page_gets_maps_of_single_pixels_without_their_few_hottest(side, clipped_at):
    trained = np.linspace(0, 1, side * side, dtype=np.float32).reshape(side, side)
    trained[-1, -1] = 50
    correlation = np.array([0.2, 0.1], np.float32)
    maps = np.stack([trained, np.zeros_like(trained)])
    found = RandomNetworks(("classifier", "stem"), correlation, maps, trained)
    state = randomised_state(found)
    assert state["clipped_at"] == clipped_at
    assert state["labels"] == ["none: the trained network", "the classifier", "all"]
    steps = np.frombuffer(state["data"], np.uint8).reshape(3, side, side)
    middle = steps[0, side // 2, side // 2]
    assert abs(int(middle) - 128) < 4 if clipped_at else middle < 4
    assert steps[0, -1, -1] == 255
    assert not steps[2].any()


def test_a_target_of_one_s_own_has_no_probability(model):
    picture = np.random.default_rng(2).integers(0, 256, (20, 28, 3), np.uint8)
    asked = Exploration(
        model, picture, NAMES, transform=to_input, targets={"sum": lambda out: out.sum(dim=1)}
    )
    asked.predictions(0)
    found = Doubts(asked).trust(choice(target=3))
    assert (found.target, found.removed.is_probability) == ("sum", False)
    with torch.no_grad():
        assert found.removed.deletion["map"][0] == pytest.approx(
            float(model(inputs_of(asked)).sum()), abs=1e-5
        )
