"""Which layers of a model can be explained, which ones to offer, and which one first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal
from weakref import WeakKeyDictionary, ref

import torch
from torch import Tensor, nn

from .parts import ModelParts, unwrapped
from .running import layer_outputs, model_lock, run
from .stages import Survey, choose_stages, survey
from .subject import Subject
from .targets import logits_of


@dataclass(frozen=True, eq=False)
class _Known:
    """What was found out about a model, for a shape of input and as long as it has the same modules."""

    shape: torch.Size
    modules: tuple[ref[nn.Module], ...]
    survey: Survey
    offered: tuple[str, ...]
    # Which tokens are read hangs on the weights; None if there are none.
    weights_version: int | None

    def holds_for(self, parts: ModelParts, shape: torch.Size) -> bool:
        return (
            self.shape == shape
            and self.modules == tuple(map(ref, parts.modules))
            and (self.weights_version is None or self.weights_version == parts.weights_version)
        )


_known: WeakKeyDictionary[nn.Module, _Known] = WeakKeyDictionary()


def target_layers(
    model: nn.Module, inputs: Tensor, which: Literal["offered", "all"] = "offered"
) -> list[str]:
    """Name the layers that Grad-CAM and its relatives can explain, as the forward pass runs them.

    Shapes are found by running the model once on one sample (kept for the next question), not by
    the names of classes.

    Parameters
    ----------
    model
        Any `torch.nn.Module` that takes ``(B, C, H, W)``.
    inputs
        ``(B, C, H, W)``, preprocessed.
    which
        ``offered`` for those worth choosing between: the ends of the stages of the network, between
        which it pools or changes its blocks. ``all`` for every module whose output has a grid of
        more than one cell.

    Returns
    -------
    list of str
        Names as in ``model.named_modules()``; empty if no layer has a grid.

    Examples
    --------
    >>> import torch, torchvision
    >>> model = torchvision.models.resnet18()
    >>> target_layers(model, torch.rand(1, 3, 64, 96))
    ['relu', 'layer1', 'layer2', 'layer3', 'layer4']
    """
    if which not in ("offered", "all"):
        raise ValueError(f"which is {which!r}; expected 'offered' or 'all'")
    known = _looked_at(Subject.of(model, inputs))
    return list(known.offered) if which == "offered" else [c.name for c in known.survey.spatial]


def default_layer(model: nn.Module, inputs: Tensor) -> str:
    """Name the layer to explain first: the last one offered, which is the last before the pooling.

    Raises
    ------
    ValueError
        If the model has no layer with a grid.
    """
    return first_layer(Subject.of(model, inputs))


def offered_layers(subject: Subject) -> tuple[str, ...]:
    """As `target_layers`, of what was checked before."""
    return _looked_at(subject).offered


def first_layer(subject: Subject) -> str:
    """As `default_layer`, of what was checked before."""
    offered = offered_layers(subject)
    if not offered:
        hidden = subject.hidden_relus
        raise ValueError(
            f"{type(subject.given).__name__} has no layer with a grid (h, w), which Grad-CAM needs"
            f"{f', because {hidden}, which hides them' if hidden else ''}; "
            "use 'saliency', 'guided_backprop', 'deconvnet' or 'occlusion'"
        )
    return offered[-1]


def what_to_choose(model: nn.Module, inputs: Tensor) -> str:
    """The end of an error's sentence about a layer that cannot be explained."""
    offered = target_layers(model, inputs)
    if offered:
        return f"choose one of {', '.join(map(repr, offered))}"
    return (
        "the model has no layer with a grid: only saliency, guided_backprop, deconvnet and "
        "occlusion apply"
    )


def no_maps(layer: str, output: Tensor, model: nn.Module, inputs: Tensor) -> ValueError:
    """The error about a layer whose output has no grid."""
    return ValueError(
        f"layer {layer!r} returns {tuple(output.shape)} for inputs of {tuple(inputs.shape)}: no "
        "maps (B, C, h, w), and no tokens that fill the picture's grid; "
        f"{what_to_choose(model, inputs)}"
    )


def layer_shapes(
    model: nn.Module, inputs: Tensor, layers: Sequence[str]
) -> dict[str, tuple[int, int, int]]:
    """The shape ``(C, h, w)`` of the maps of each of the given layers."""
    found = {call.name: call.layout for call in _looked_at(Subject.of(model, inputs)).survey.calls}
    shapes = {}
    for name in layers:
        module_named(unwrapped(model), name)
        layout = found.get(name)
        if layout is None:
            raise ValueError(
                f"layer {name!r} has no maps (C, h, w) for inputs of {tuple(inputs.shape)}"
            )
        shapes[name] = (layout.channels, layout.height, layout.width)
    return shapes


def module_named(model: nn.Module, name: str) -> nn.Module:
    """The module of a name.

    Raises
    ------
    TypeError, ValueError
        If `name` is no string, or the model has no module of that name.
    """
    if not isinstance(name, str):
        raise TypeError(
            f"layer {name!r} is a {type(name).__name__}; expected a name from model.named_modules()"
        )
    try:
        return model.get_submodule(name)
    except AttributeError:
        names = [known for known, _ in model.named_modules() if known]
        first = ", ".join(map(repr, _closest(name, names)))
        rest = (
            f" (and {len(names) - 4} more: target_layers(model, inputs, which='all'))"
            if len(names) > 4
            else ""
        )
        raise ValueError(f"no layer {name!r}; the model has {first}{rest}") from None


def _looked_at(subject: Subject) -> _Known:
    model, parts, inputs = subject.model, subject.parts, subject.inputs[:1]
    with model_lock(model):
        known = _known.get(model)
        if known is None or not known.holds_for(parts, inputs.shape):
            found = survey(model, inputs)
            offered, version = choose_stages(found), None
            suspects = {c.name for c in found.calls if c.name in offered and c.has_class_token}
            if suspects:
                ignored = _ignored(model, inputs, found, suspects)
                offered = tuple(name for name in offered if name not in ignored)
                version = parts.weights_version
            modules = tuple(map(ref, parts.modules))
            known = _known[model] = _Known(inputs.shape, modules, found, offered, version)
        return known


def _ignored(
    model: nn.Module, inputs: Tensor, found: Survey, suspects: Collection[str]
) -> Collection[str]:
    """Those layers after which only the class token is read."""
    outputs: dict[str, Tensor] = {}

    def keep(name: str, _args: tuple[Any, ...], output: Tensor, _wrote: bool) -> Tensor:
        outputs[name] = output if output.requires_grad else output.detach().requires_grad_()
        return outputs[name].clone()

    with (
        torch.inference_mode(False),
        torch.enable_grad(),
        layer_outputs({name: model.get_submodule(name) for name in suspects}, keep),
    ):
        logits = logits_of(run(model, inputs))
        gradients = torch.autograd.grad(
            logits.amax(), list(outputs.values()), materialize_grads=True
        )
    layouts = {call.name: call.layout for call in found.calls}
    ignored = set()
    for name, gradient in zip(outputs, gradients, strict=True):
        layout = layouts[name]
        if (
            layout is not None
            and gradient[:, : layout.prefix].any()
            and not layout.maps(gradient).any()
        ):
            ignored.add(name)
    return ignored


def _closest(name: str, names: Sequence[str]) -> list[str]:
    top = [known for known in names if "." not in known]
    return (get_close_matches(name, names, n=4) + top)[:4]
