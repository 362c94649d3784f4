"""Models as people have them: wrapped, half precision, with odd outputs, sharing and rewriting."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.ao.quantization import FakeQuantize
from torch.nn.utils import parametrizations
from torch.utils.checkpoint import checkpoint

from xcnn_widgets.methods.explanation import explain
from xcnn_widgets.network.layers import default_layer, target_layers
from xcnn_widgets.passes.forward_pass import ForwardPass

from ..models.zoo import classifier, picture_for


@dataclass
class Answer:
    logits: Tensor


class Named(NamedTuple):
    scores: Tensor
    features: Tensor


class Wrapped(nn.Module):
    def __init__(self, model: nn.Module, wrap: Any) -> None:
        super().__init__()
        self.model, self.wrap = model, wrap

    def forward(self, x: Tensor) -> Any:
        return self.wrap(self.model(x))


OUTPUTS = {
    "a tuple": lambda scores: (scores[:, :, None, None], scores),
    "a list": lambda scores: [scores],
    "a tuple that starts with None": lambda scores: (None, scores),
    "a named tuple": lambda scores: Named(scores, scores[:, :, None]),
    "a dict": lambda scores: {"scores": scores},
    "a dict with logits": lambda scores: {"loss": scores.sum(), "logits": scores},
    "an object with logits": Answer,
}


@pytest.mark.parametrize("kind", OUTPUTS)
def test_logits_are_found_in(model: nn.Sequential, inputs: Tensor, kind: str) -> None:
    wrapped = Wrapped(model, OUTPUTS[kind])
    assert default_layer(wrapped, inputs) == "model.2"
    for method in ("guided_grad_cam", "grad_cam"):
        expected = explain(model, inputs, method, 1).values
        assert torch.equal(explain(wrapped, inputs, method, 1).values, expected)


def test_an_output_without_logits_is_refused(model: nn.Sequential, inputs: Tensor) -> None:
    with pytest.raises(TypeError, match="returned str, in which no logits were found"):
        explain(Wrapped(model, str), inputs, "saliency", 1)
    with pytest.raises(ValueError, match=r"shape \(4,\) for 2 inputs; expected one row a sample"):
        explain(Wrapped(model, lambda scores: scores[0]), inputs, "saliency", 1)
    with pytest.raises(ValueError, match=r"several tensors .*output="):
        explain(Wrapped(model, lambda scores: (scores * 2, scores)), inputs, "saliency", 1)
    found = explain(Wrapped(model, lambda scores: (scores * 2, scores)), inputs, target=1, output=1)
    assert torch.equal(found.values, explain(model, inputs, target=1).values)


def test_a_callable_target_gets_the_whole_output_whatever_it_is(
    model: nn.Sequential, inputs: Tensor
) -> None:
    class Detector(Wrapped):
        def forward(self, x: Tensor) -> Any:
            scores = self.model(x)
            return [{"boxes": torch.zeros(0, 4), "scores": row} for row in scores]

    def first(output: list[dict[str, Tensor]]) -> Tensor:
        return torch.stack([each["scores"][1] for each in output])

    detector = Detector(model, None)
    for method in ("grad_cam", "guided_backprop", "occlusion"):
        found = explain(detector, inputs, method, first)
        assert found.logits is None
        torch.testing.assert_close(found.values, explain(model, inputs, method, 1).values)


def test_scores_of_tokens_need_a_callable_target(model: nn.Sequential, inputs: Tensor) -> None:
    tokens = nn.Sequential(model[0], model[1], model[2], nn.Flatten(2))
    with pytest.raises(ValueError, match=r"\(2, 8, 24\), expected \(B, classes\).*callable"):
        explain(tokens, inputs, "saliency", 1)
    found = explain(tokens, inputs, "saliency", lambda scores: scores[:, 1].mean(dim=1))
    assert found.values.shape == inputs.shape


def test_one_score_a_sample_is_one_class(model: nn.Sequential, inputs: Tensor) -> None:
    binary = Wrapped(model, lambda scores: scores[:, 1])
    expected = explain(model, inputs, "saliency", 1).values
    assert torch.equal(explain(binary, inputs, "saliency", 0).values, expected)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_inputs_are_brought_to_the_model_s_precision(
    model: nn.Sequential, inputs: Tensor, dtype: torch.dtype
) -> None:
    expected = explain(model, inputs, "guided_grad_cam", 1).values
    found = explain(model.to(dtype), inputs, "guided_grad_cam", 1)
    assert found.values.dtype == torch.promote_types(dtype, torch.float32)
    assert found.logits.dtype == dtype
    agreement = torch.cosine_similarity(found.values.float().flatten(), expected.flatten(), dim=0)
    assert agreement > (0.95 if dtype == torch.bfloat16 else 0.999999)


def test_autocast_is_the_caller_s_choice(model: nn.Sequential, inputs: Tensor) -> None:
    expected = explain(model, inputs, "grad_cam", 1).values
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = explain(model, inputs, "grad_cam", 1).values
    assert found.dtype == torch.float32
    assert (found - expected).abs().max() < 0.1 * expected.max()


def test_channels_last_changes_nothing_to_see(model: nn.Sequential, inputs: Tensor) -> None:
    expected = explain(model, inputs, "grad_cam", 1).heatmaps()
    model = model.to(memory_format=torch.channels_last)
    found = explain(model, inputs.to(memory_format=torch.channels_last), "grad_cam", 1)
    assert abs(found.heatmaps() - expected).max() < 1 / 255


def test_data_parallel_is_looked_into(model: nn.Sequential, inputs: Tensor) -> None:
    parallel = nn.DataParallel(model)
    assert target_layers(parallel, inputs) == target_layers(model, inputs)
    expected = explain(model, inputs, "guided_grad_cam", 1).values
    assert torch.equal(explain(parallel, inputs, "guided_grad_cam", 1).values, expected)


def test_half_of_the_weights_may_be_shared(inputs: Tensor) -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 4, 3, padding=1)
            self.block, self.head = nn.Conv2d(4, 4, 3, padding=1), nn.Linear(4, 2)
            self.again = nn.Conv2d(4, 4, 3, padding=1)
            self.again.weight = self.block.weight

        def forward(self, x: Tensor) -> Tensor:
            x = self.stem(x).relu()
            x = self.again(self.block(self.block(x).relu()).relu()).relu()
            scores: Tensor = self.head(x.mean(dim=(2, 3)))
            return scores

    model = Tied()
    leaf = inputs.clone().requires_grad_()
    expected = torch.autograd.grad(model(leaf)[:, 1].sum(), leaf)[0]
    torch.testing.assert_close(ForwardPass(model, inputs).gradient(1), expected)
    # `block` is called twice, and each call is a layer.
    forward = ForwardPass(model, inputs, ["block:1", "block:0", "stem", "again"])
    assert forward.layers == ("stem", "block:0", "block:1", "again")
    once = model.block(model.stem(inputs).relu())
    torch.testing.assert_close(forward.activation("block:0"), once)
    torch.testing.assert_close(forward.activation("block:1"), model.block(once.relu()))
    with pytest.raises(ValueError, match="'block' runs 2 times"):
        ForwardPass(model, inputs, ["block"])


@pytest.mark.parametrize("kind", ["module", "function", "method", "sum"])
def test_an_activation_is_what_the_layer_returned_before_it_was_written_over(
    inputs: Tensor, kind: str
) -> None:
    class Overwriting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)
            self.relu = nn.ReLU(inplace=True)

        def forward(self, x: Tensor) -> Tensor:
            x = self.layer(x)
            if kind == "module":
                x = self.relu(x)
            elif kind == "function":
                x = F.relu(x, inplace=True)
            elif kind == "method":
                x.relu_()
            else:
                x += 1
                x = x.relu()
            scores: Tensor = self.head(x.mean(dim=(2, 3)))
            return scores

    model = Overwriting()
    forward = ForwardPass(model, inputs, ["layer"])
    expected = F.conv2d(inputs, model.layer.weight, model.layer.bias)
    assert expected.min() < 0
    torch.testing.assert_close(forward.activation("layer"), expected.detach())
    forward.gradient(1, layer="layer", rule="guided")
    torch.testing.assert_close(forward.activation("layer"), expected.detach())


def test_a_layer_that_hands_its_input_on_has_a_gradient_of_its_own(inputs: Tensor) -> None:
    class Shortcut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.shortcut = nn.Conv2d(3, 4, 3), nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            x = self.layer(x)
            return (2 * self.shortcut(x) + 5 * x).sum(dim=(2, 3))

    forward = ForwardPass(Shortcut(), inputs, ["layer", "shortcut"])
    gradients = forward.gradients(1, ["layer", "shortcut"])
    assert gradients["shortcut"][:, 1].unique().item() == 2
    assert gradients["layer"][:, 1].unique().item() == 7


def test_layers_inside_each_other_can_be_kept_together(
    model: nn.Sequential, inputs: Tensor
) -> None:
    forward = ForwardPass(model, inputs, ["2", "2.2", "2.0"])
    assert forward.layers == ("2.0", "2.2", "2")
    gradients = forward.gradients(1, ["2", "2.2", "2.0"])
    assert torch.equal(gradients["2"], gradients["2.2"])
    assert torch.equal(gradients["2"], ForwardPass(model, inputs, ["2"]).gradient(1, "2"))


def test_a_layer_may_return_a_tuple(model: nn.Sequential, inputs: Tensor) -> None:
    tuples = nn.Sequential(
        Wrapped(nn.Sequential(model[0], model[1], model[2]), lambda x: ("maps", x)),
        Wrapped(nn.Sequential(), lambda pair: pair[1]),
        *model[3:],
    )
    expected = explain(model, inputs, "grad_cam", 1, "2").values
    assert torch.equal(explain(tuples, inputs, "grad_cam", 1, "0").values, expected)


def test_a_user_s_hook_that_changes_an_output_is_part_of_the_model(
    model: nn.Sequential, inputs: Tensor
) -> None:
    model[2].register_forward_hook(lambda _, __, output: output * 2)
    expected = model[2](model[1](model[0](inputs)))
    torch.testing.assert_close(ForwardPass(model, inputs, ["2"]).activation("2"), expected.detach())


def test_parametrised_weights_are_followed(inputs: Tensor) -> None:
    convolution = parametrizations.weight_norm(nn.Conv2d(3, 4, 3))
    model = nn.Sequential(convolution, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    leaf = inputs.clone().requires_grad_()
    expected = torch.autograd.grad(model(leaf)[:, 1].sum(), leaf)[0]
    torch.testing.assert_close(ForwardPass(model, inputs).gradient(1), expected)


def test_recomputed_activations_are_followed_or_refused(
    model: nn.Sequential, inputs: Tensor
) -> None:
    class Recomputing(nn.Module):
        def __init__(self, part: nn.Module, *, reentrant: bool = False) -> None:
            super().__init__()
            self.part, self.reentrant = part, reentrant

        def forward(self, x: Tensor) -> Any:
            return checkpoint(self.part, x, use_reentrant=self.reentrant)

    expected = explain(model, inputs, "guided_backprop", 1).values
    parts = list(model)
    recomputing = nn.Sequential(Recomputing(parts[0]), *parts[1:]).train()
    statistics = copy.deepcopy(dict(model.named_buffers()))
    found = explain(recomputing, inputs, "guided_backprop", 1).values
    torch.testing.assert_close(found, expected)
    assert all(torch.equal(b, statistics[name]) for name, b in model.named_buffers())

    head = nn.Sequential(*parts[:-1], Recomputing(parts[-1]))
    with pytest.raises(RuntimeError, match=r"recomputes activations.*turn that off"):
        explain(head, inputs, "saliency", 1)
    with pytest.raises(ValueError, match=r"Checkpoint.*hides them"):
        explain(
            nn.Sequential(Recomputing(parts[0], reentrant=True), *parts[1:]), inputs, "deconvnet"
        )


def test_densenet_in_its_saving_mode_equals_itself() -> None:
    plain = classifier("densenet121")
    saving = copy.deepcopy(plain)
    for module in saving.modules():
        if hasattr(module, "memory_efficient"):
            module.memory_efficient = True  # type: ignore[assignment]
    inputs = picture_for("densenet121")
    expected = explain(plain, inputs, "saliency", 1).values
    torch.testing.assert_close(explain(saving, inputs, "saliency", 1).values, expected)


def test_observed_and_recurrent_parts_are_left_as_they_were(inputs: Tensor) -> None:
    class Scanning(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU())
            self.observer = FakeQuantize()
            self.rows, self.head = nn.LSTM(4, 5, batch_first=True), nn.Linear(5, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = self.observer(self.layer(x))
            scores: Tensor = self.head(self.rows(x.mean(dim=3).transpose(1, 2))[0][:, -1])
            return scores

    model = Scanning()
    before = copy.deepcopy(model.state_dict())
    result = explain(model, inputs, "guided_grad_cam", 1, "layer")
    assert result.values.shape == inputs.shape
    after = model.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert all(parameter.grad is None for parameter in model.parameters())
