"""What a model says of itself: its channels, its classes' names, and how its pictures are prepared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TypeGuard

import torch
from torch import nn

from ..imaging import (
    Names,
    ProcessorTransform,
    Transform,
    Trial,
    is_image_processor,
    is_torchvision_weights,
)
from ..network import ACTIVATIONS, Activation, Subject, run
from .calling import Calling
from .timm_models import names_of_timm, transform_of_timm
from .transformers_models import activation_of_config, names_of_config, transform_of_config


@dataclass(frozen=True, eq=False)
class ModelFacts:
    """A model, and what it and the object that holds it say of it.

    Attributes
    ----------
    model
        The module.
    class_names
        None if they are not known.
    names_are_said
        Whether the holder gave them for this model. If not, they were found in the model, and hold
        only if it has as many classes.
    transform
        From a picture to an input; None if it is not known.
    note
        Where the transform comes from, if nobody gave it for this model; else empty.
    channels
        How many channels its first layer takes; None if it cannot be told.
    dimensions
        How many sides its inputs have beside the channels: 2 for pictures, 1 for signals, 3 for volumes.
    activation
        How its scores are read, if it says so; else None.
    """

    model: nn.Module
    class_names: Names | None
    names_are_said: bool
    transform: Transform | None
    note: str
    channels: int | None
    dimensions: int
    activation: Activation | None


def model_facts(model: Any) -> ModelFacts:
    """Ask a model, or what holds one as ``.model``, what it knows of itself.

    Looked for, in this order:

    - the holder's ``class_names`` (or ``class_map``) and ``transform``;
    - of holder and model, an ``image_processor`` or ``processor`` of transformers, and ``weights``
      of torchvision; a model of torchvision itself does not know its weights;
    - of timm's models, ``pretrained_cfg``;
    - of transformers' models, ``config``: the names of its classes, the kind of its problem, and the
      image processor that stands beside its weights on this machine, or else that of its type.
      Nothing is downloaded.

    Raises
    ------
    TypeError
        If there is no module.

    Examples
    --------
    >>> facts = model_facts(nn.Sequential(nn.Conv2d(6, 4, 3), nn.Flatten()))
    >>> facts.channels, facts.class_names, facts.transform
    (6, None, None)
    """
    module = _module(model)
    given = model is not module
    names = (
        _first(getattr(model, name, None) for name in ("class_map", "class_names"))
        if given
        else None
    )
    transform = getattr(model, "transform", None) if given else None
    inner = module.module if isinstance(module, nn.DataParallel) else module
    channels = input_channels(inner)
    found, note = transform, ""
    if found is None:
        found, note = _transform_of([model, inner], channels)
    return ModelFacts(
        module,
        class_names_of(inner, holder=model) if names is None else names,
        names is not None,
        found,
        note,
        channels,
        input_dimensions(inner),
        (_activation_of(model) if given else None)
        or activation_of_config(getattr(inner, "config", None)),
    )


def class_names_of(model: nn.Module, holder: Any = None) -> Names | None:
    """Find the names of a model's classes in the model itself.

    Returns
    -------
    sequence, mapping or None
        By index; None if there are none, or if the model has no layer with as many outputs.
    """
    names: Names | None = None
    weights: Any
    for weights in (getattr(each, "weights", None) for each in (holder, model)):
        if names is None and is_torchvision_weights(weights):
            names = weights.meta.get("categories")
    if names is None:
        names = names_of_config(getattr(model, "config", None))
    if names is None:
        names = names_of_timm(model)
    return names if names and len(names) in _head_sizes(model) else None


def input_channels(model: nn.Module) -> int | None:
    """How many channels a model takes, by its first convolution or linear patch embedding.

    Returns
    -------
    int or None
        None if it cannot be told, as where the weights have no values yet. A model may run its
        layers in another order than they are kept in: what it runs with decides.
    """
    config = getattr(model, "config", None)
    for part in (config, getattr(config, "vision_config", None)):
        said = getattr(part, "num_channels", None)
        if _is_count(said):
            return said
    first: dict[int, nn.Module] = {}
    for module in model.modules():
        weight = getattr(module, "weight", None)
        kernel = (
            len(getattr(module, "kernel_size", ()) or ()) if hasattr(module, "in_channels") else 0
        )
        kind = kernel or (weight.ndim - 2 if isinstance(weight, torch.Tensor) else -1)
        first.setdefault(kind, module)
    for kind in (input_dimensions(model), 2, 3, 1):
        if kind in first:
            said = getattr(first[kind], "in_channels", None)
            return said if _is_count(said) else None
    return _channels_of_patches(getattr(first.get(0), "in_features", None))


def input_dimensions(model: nn.Module) -> int:
    """How many sides a model's inputs have beside the channels, by its first convolution; 2 without one."""
    for module in model.modules():
        sides = (
            len(getattr(module, "kernel_size", ()) or ()) if hasattr(module, "in_channels") else 0
        )
        if sides in (1, 2, 3):
            return sides
    return 2


def trial_of(model: nn.Module, inputs: torch.Tensor, calling: Calling | None = None) -> Trial:
    """Run a model on an input ``(C, H, W)``, and see whether it takes it and what it takes first."""
    reached: list[int] = []

    def note(layer: nn.Module, _: Any) -> None:
        if _is_count(channels := getattr(layer, "in_channels", None)):
            reached.append(channels)

    with ExitStack() as hooks:
        for module in model.modules():
            if hasattr(module, "in_channels") and not isinstance(module, torch.jit.ScriptModule):
                hooks.callback(module.register_forward_pre_hook(note).remove)
        try:
            subject = Subject.of(model, inputs.unsqueeze(0), **(calling or Calling()).on([0]))
            with torch.no_grad():
                run(subject)
        except Exception as error:  # A model raises whatever it likes.
            complaint = f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
            return Trial(complaint, reached[0] if len(reached) == 1 else None)
    return Trial("", reached[0] if reached else None)


def _module(model: Any) -> nn.Module:
    if isinstance(model, nn.Module):
        return model
    inner = getattr(model, "model", None)
    if isinstance(model, Mapping):
        raise TypeError(
            f"model is a {type(model).__name__} of {len(model)}; here is place for one: give one of them, "
            "or all of them to ExplainerWidget, which shows them side by side"
        )
    if not isinstance(inner, nn.Module):
        raise TypeError(
            f"model is a {type(model).__name__}; expected a torch.nn.Module, or an object that holds one as .model"
        )
    return inner


def _activation_of(holder: Any) -> Activation | None:
    said = getattr(holder, "activation", None)
    return said if said in ACTIVATIONS else None


def _first(values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _channels_of_patches(numbers: Any) -> int | None:
    """Of square patches flattened to so many numbers: a square of 1 channel, or of 3."""
    if not _is_count(numbers):
        return None
    for channels in (1, 3):
        if math.isqrt(numbers // channels) ** 2 * channels == numbers:
            return channels
    return None


def _head_sizes(model: nn.Module) -> set[int]:
    """How many outputs each of a model's layers has."""
    sizes = set()
    for module in model.modules():
        for name in ("out_features", "out_channels"):
            size = getattr(module, name, None)
            if _is_count(size):
                sizes.add(size)
    return sizes


def _transform_of(places: list[Any], channels: int | None) -> tuple[Transform | None, str]:
    for place in places:
        for name in ("image_processor", "processor"):
            processor = getattr(place, name, None)
            if is_image_processor(processor):
                return ProcessorTransform(processor), ""
        weights: Any = getattr(place, "weights", None)
        if is_torchvision_weights(weights):
            return weights.transforms(), ""
    model = places[-1]
    return transform_of_timm(model, channels) or transform_of_config(model) or (None, "")
