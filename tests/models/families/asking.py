"""What a model says when it is asked with nothing configured, and whether that is right."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets.methods import Explanation, explain
from xcnn_widgets.network import default_layer, layer_shapes, target_layers
from xcnn_widgets.study.model_facts import model_facts

from ..reference import relative_error
from .specimen import Specimen

CLOSE = 1e-4
# One recorded run; and of layers that rearrange numbers one as they are and one for each changed place.
_MOST_RUNS = 10


@dataclass(frozen=True)
class Answer:
    """What came out.

    Attributes
    ----------
    layers
        How many layers are offered; 0 where the model has none with a grid.
    default
        The one to explain first; empty if there is none.
    shape
        That of its maps, ``(C, h, w)``.
    relus
        Whether the model has ReLUs that guided backpropagation can see.
    knows_pictures
        Whether the model tells how pictures are prepared.
    refusal
        What is said instead of a Grad-CAM.
    seconds
        What finding the layers took beyond its forward passes.
    """

    layers: int
    default: str
    shape: tuple[int, ...]
    relus: bool
    knows_pictures: bool
    refusal: str
    seconds: float


def ask(specimen: Specimen) -> Answer:
    """Ask a specimen for everything, and hold what it says to autograd.

    Raises
    ------
    AssertionError
        If an answer is wrong.
    """
    model, inputs = specimen.built(), specimen.inputs()
    knows_pictures = _knows_itself(specimen, model)
    layers, seconds = _timed_layers(model, inputs)
    logits, target = _top_class(model, inputs)
    relus = _input_gradients(model, inputs, target, logits)
    if not layers:
        refusal = _refusal(lambda: explain(model, inputs, target=target))
        return Answer(0, "", (), relus, knows_pictures, refusal, seconds)
    layer = default_layer(model, inputs)
    shape = layer_shapes(model, inputs, [layer])[layer]
    assert layer == layers[-1]
    assert set(layers) <= set(target_layers(model, inputs, "all"))
    _grad_cam(model, inputs, target, layer, shape)
    return Answer(len(layers), layer, shape, relus, knows_pictures, "", seconds)


def _knows_itself(specimen: Specimen, model: nn.Module) -> bool:
    """Whether it tells how pictures are prepared; its classes it always does."""
    facts = model_facts(model)
    if specimen.library == "transformers":
        assert facts.class_names == dict(enumerate(("ant", "bee", "cat", "dog", "elk", "fox")))
    if specimen.library == "timm":
        assert facts.transform is not None
    assert (facts.transform is None) == (not facts.note)
    return facts.transform is not None


def _timed_layers(model: nn.Module, inputs: Tensor) -> tuple[list[str], float]:
    started, runs = time.process_time(), []
    with torch.no_grad():
        model(inputs)
    once = time.process_time() - started
    counting = model.register_forward_pre_hook(lambda *_: runs.append(1))
    started = time.process_time()
    layers = target_layers(model, inputs)
    seconds = time.process_time() - started
    counting.remove()
    assert 1 <= len(runs) <= _MOST_RUNS
    return layers, seconds - len(runs) * once


def _top_class(model: nn.Module, inputs: Tensor) -> tuple[Tensor, int]:
    with torch.no_grad():
        logits = _logits(model(inputs))
    assert logits.shape[0] == 1 and logits.ndim == 2
    assert torch.isfinite(logits).all() and logits.std() > 0
    return logits, int(logits.argmax())


def _logits(output: Any) -> Tensor:
    if isinstance(output, Tensor):
        return output
    # One family of transformers calls its class scores by another name.
    found: Tensor = output["logits" if "logits" in output else "last_hidden_state"]
    return found


def _input_gradients(model: nn.Module, inputs: Tensor, target: int, logits: Tensor) -> bool:
    """Saliency is autograd's; whether guided backpropagation sees ReLUs."""
    leaf = inputs.clone().requires_grad_()
    (expected,) = torch.autograd.grad(_logits(model(leaf))[:, target].sum(), leaf)
    saliency = explain(model, inputs, "saliency", target)
    assert saliency.logits is not None
    assert relative_error(saliency.logits, logits) < CLOSE
    assert expected.abs().max() > 0, "the input has no part in the answer"
    assert relative_error(saliency.values, expected) < CLOSE
    guided = explain(model, inputs, "guided_backprop", target)
    assert guided.values.shape == inputs.shape and torch.isfinite(guided.values).all()
    if "no ReLU" in guided.note:
        assert relative_error(guided.values, expected) < CLOSE
        return False
    return True


def _grad_cam(
    model: nn.Module, inputs: Tensor, target: int, layer: str, shape: tuple[int, ...]
) -> None:
    """Grad-CAM is as by hand for the class and against it; of these, one is not zero."""
    activation, gradient = _by_hand(model, inputs, target, layer, shape)
    assert gradient.abs().max() > 0, "the default layer has no part in the answer"
    weighted = (gradient.mean((2, 3), keepdim=True) * activation).sum(1)
    _holds(explain(model, inputs, target=target), weighted.relu(), layer)

    def against(output: Any) -> Tensor:
        return -_logits(output)[:, target]

    _holds(explain(model, inputs, target=against, layer=layer), (-weighted).relu(), layer)


def _holds(found: Explanation, expected: Tensor, layer: str) -> None:
    assert found.layer == layer
    assert found.values.shape == expected.shape
    assert torch.isfinite(found.values).all()
    if expected.any():
        assert relative_error(found.values, expected) < CLOSE
        assert "zero everywhere" not in found.note
    else:
        assert not found.values.any() and "zero everywhere" in found.note


def _by_hand(
    model: nn.Module, inputs: Tensor, target: int, layer: str, shape: tuple[int, ...]
) -> tuple[Tensor, Tensor]:
    """The activation and its gradient as maps, with a hook and autograd alone."""
    name, _, call = layer.partition(":")
    outputs: list[Tensor] = []

    def keep(_module: nn.Module, _args: Any, output: Any) -> Any:
        outputs.append(output if isinstance(output, Tensor) else output[0])
        # A copy goes on, into which a ReLU may write.
        return output.clone() if isinstance(output, Tensor) else output

    hook = model.get_submodule(name).register_forward_hook(keep)
    leaf = inputs.clone().requires_grad_()
    score = _logits(model(leaf))[:, target].sum()
    hook.remove()
    activation = outputs[int(call or 0)]
    (gradient,) = torch.autograd.grad(score, activation)
    return _maps(activation, shape).detach(), _maps(gradient, shape)


def _maps(values: Tensor, shape: tuple[int, ...]) -> Tensor:
    channels, height, width = shape
    if values.shape[1:] == shape:
        return values
    if values.ndim == 4:
        return values.permute(0, 3, 1, 2)
    # The last tokens are those of the picture.
    cells = values[:, values.shape[1] - height * width :]
    return cells.transpose(1, 2).reshape(1, channels, height, width)


def _refusal(ask_anyway: Callable[[], Any]) -> str:
    """The sentence of the error; it names the way out."""
    with pytest.raises(ValueError, match="reshape=") as raised:
        ask_anyway()
    return str(raised.value)
