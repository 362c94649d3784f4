"""What a model says of itself: its channels, its classes' names, and how its pictures are prepared."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from ..imaging.inputs import Trial
from ..imaging.transforms import (
    ProcessorTransform,
    Transform,
    is_image_processor,
    is_torchvision_weights,
)
from ..network.running import run
from ..network.subject import Subject

Names = Sequence[str] | Mapping[int, str]


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
    """

    model: nn.Module
    class_names: Names | None
    names_are_said: bool
    transform: Transform | None
    note: str
    channels: int | None


def model_facts(model: Any) -> ModelFacts:
    """Ask a model, or what holds one as ``.model``, what it knows of itself.

    Looked for, in this order:

    - the holder's ``class_names`` (or ``class_map``) and ``transform``;
    - of holder and model, an ``image_processor`` or ``processor`` of transformers, and ``weights``
      of torchvision; a model of torchvision itself does not know its weights;
    - of timm's models, ``pretrained_cfg``;
    - of transformers' models, ``config``: the names of its classes, and the image processor that
      stands beside its weights on this machine, or else that of its type. Nothing is downloaded.

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
    )


def class_names_of(model: nn.Module, holder: Any = None) -> Names | None:
    """Find the names of a model's classes in the model itself.

    Returns
    -------
    sequence, mapping or None
        By index; None if there are none, or if the model has no layer with as many outputs.
    """
    names: Names | None = None
    for weights in (getattr(each, "weights", None) for each in (holder, model)):
        if names is None and is_torchvision_weights(weights):
            names = weights.meta.get("categories")
    if names is None:
        names = _names_of_config(getattr(model, "config", None))
    if names is None:
        names = _names_of_timm(model)
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
            return int(said)
    first: dict[int, nn.Module] = {}
    for module in model.modules():
        weight = getattr(module, "weight", None)
        kernel = (
            len(getattr(module, "kernel_size", ()) or ()) if hasattr(module, "in_channels") else 0
        )
        kind = kernel or (weight.ndim - 2 if isinstance(weight, torch.Tensor) else -1)
        first.setdefault(kind, module)
    for kind in (2, 3, 1):
        if kind in first:
            said = getattr(first[kind], "in_channels", None)
            return int(said) if _is_count(said) else None
    return _channels_of_patches(getattr(first.get(0), "in_features", None))


def trial_of(model: nn.Module, inputs: torch.Tensor) -> Trial:
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
            subject = Subject.of(model, inputs.unsqueeze(0))
            with torch.no_grad():
                run(subject.model, subject.inputs, subject.parts)
        except Exception as error:  # A model raises whatever it likes.
            complaint = f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
            return Trial(complaint, reached[0] if len(reached) == 1 else None)
    return Trial("", reached[0] if reached else None)


def _module(model: Any) -> nn.Module:
    if isinstance(model, nn.Module):
        return model
    inner = getattr(model, "model", None)
    if not isinstance(inner, nn.Module):
        raise TypeError(
            f"model is a {type(model).__name__}; expected a torch.nn.Module, or an object that holds one as .model"
        )
    return inner


def _first(values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _is_count(value: Any) -> bool:
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
                sizes.add(int(size))
    return sizes


def _transform_of(places: list[Any], channels: int | None) -> tuple[Transform | None, str]:
    for place in places:
        for name in ("image_processor", "processor"):
            processor = getattr(place, name, None)
            if is_image_processor(processor):
                return ProcessorTransform(processor), ""
        weights = getattr(place, "weights", None)
        if is_torchvision_weights(weights):
            return weights.transforms(), ""
    model = places[-1]
    return _transform_of_timm(model, channels) or _transform_of_config(model) or (None, "")


_NO_NAME = re.compile(r"LABEL_\d+")


def _names_of_config(config: Any) -> Names | None:
    names = getattr(config, "id2label", None)
    if not isinstance(names, Mapping) or all(_NO_NAME.fullmatch(str(n)) for n in names.values()):
        return None
    return {int(index): str(name) for index, name in names.items()}


def _of_timm(model: nn.Module) -> nn.Module | None:
    """The model of timm that a model is, or that transformers wraps."""
    inner = getattr(model, "timm_model", model)
    settings = getattr(inner, "pretrained_cfg", None)
    return inner if isinstance(inner, nn.Module) and isinstance(settings, Mapping) else None


def _names_of_timm(model: nn.Module) -> Names | None:
    inner = _of_timm(model)
    if inner is None:
        return None
    settings: Any = inner.pretrained_cfg
    count = getattr(inner, "num_classes", None)
    said = settings.get("label_names")
    descriptions = settings.get("label_descriptions")
    if isinstance(said, Sequence) and not isinstance(said, str) and len(said) == count:
        known = descriptions if isinstance(descriptions, Mapping) else {}
        return [str(known.get(name, name)) for name in said]
    if settings.get("num_classes") != count:
        return None
    from timm.data import ImageNetInfo, infer_imagenet_subset

    subset = infer_imagenet_subset(inner)
    return None if subset is None else _short(ImageNetInfo(subset).label_descriptions())


def _short(descriptions: Sequence[str]) -> list[str]:
    """The first of the words that mean a class, as everybody calls it; all of them if it is not alone."""
    words = [description.split(",")[0] for description in descriptions]
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return [
        word if counts[word] == 1 else whole
        for word, whole in zip(words, descriptions, strict=True)
    ]


def _transform_of_timm(model: nn.Module, channels: int | None) -> tuple[Transform, str] | None:
    inner = _of_timm(model)
    if inner is None:
        return None
    from timm.data import create_transform, resolve_data_config

    settings = resolve_data_config({}, model=inner)
    size = getattr(getattr(inner, "patch_embed", None), "img_size", None)
    if isinstance(size, tuple) and len(size) == 2:
        # Where it was made for another size than its weights, only its first layer says so.
        settings["input_size"] = (channels or 3, *size)
    if channels == 1:
        for name in ("mean", "std"):
            settings[name] = (sum(settings[name]) / len(settings[name]),)
    height, width = settings["input_size"][-2:]
    note = f"pictures are prepared as timm's pretrained_cfg of the model says, {height} x {width}"
    return create_transform(**settings, is_training=False), note


def _transform_of_config(model: nn.Module) -> tuple[Transform, str] | None:
    config = getattr(model, "config", None)
    if not type(config).__module__.startswith("transformers."):
        return None
    place = getattr(config, "_name_or_path", "")
    processor = _processor_beside(place)
    if processor is not None:
        return ProcessorTransform(
            processor
        ), f"pictures are prepared by the image processor of {place}"
    processor = _processor_of_type(config)
    if processor is None:
        return None
    kind = type(processor).__name__
    note = (
        f"pictures are prepared by transformers' {kind} as it is by default for the model's type; where the weights "
        "came with another one: transform=AutoImageProcessor.from_pretrained(...)"
    )
    return ProcessorTransform(processor), note


def _processor_beside(place: str) -> Any:
    """The image processor that was saved beside a model's weights, if it is on this machine."""
    if not place:
        return None
    from transformers import AutoImageProcessor

    try:
        return AutoImageProcessor.from_pretrained(place, local_files_only=True)
    except (OSError, ValueError):
        return None


def _processor_of_type(config: Any) -> Any:
    """The image processor of a model's type, for its size and its channels."""
    from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING

    try:
        offered = IMAGE_PROCESSOR_MAPPING[type(config)]
        # By backend; in transformers 4 a pair, slow and fast.
        by_backend = offered if isinstance(offered, Mapping) else {"": offered[0] or offered[1]}
        kind = by_backend.get("torchvision") or next(iter(by_backend.values()))
        usual = kind()
    except (KeyError, TypeError, ImportError):
        return None
    return kind(**_sizes(usual, config), **_means(usual, config))


def _sizes(usual: Any, config: Any) -> dict[str, Any]:
    """The sizes of an image processor, brought to those of a model."""
    size = getattr(config, "image_size", None)
    if _is_count(size):
        size = (size, size)
    if not isinstance(size, list | tuple) or len(size) != 2:
        return {}
    height, width = int(size[0]), int(size[1])
    whole = {"height": height, "width": width}
    crop = getattr(usual, "crop_size", None)
    if not getattr(usual, "do_center_crop", False) or not crop:
        shortest = (usual.size or {}).get("shortest_edge")
        return {"size": {"shortest_edge": max(height, width)} if shortest else whole}
    before, after = usual.size, crop["height"]
    if before.get("shortest_edge"):
        edge = max(height, width) * max(1.0, before["shortest_edge"] / after)
        return {"size": {"shortest_edge": round(edge)}, "crop_size": whole}
    larger = before["height"] / after
    return {
        "size": {side: round(pixels * larger) for side, pixels in whole.items()},
        "crop_size": whole,
    }


def _means(usual: Any, config: Any) -> dict[str, Any]:
    """The mean and the standard deviation of an image processor, for as many channels as a model takes."""
    channels = getattr(config, "num_channels", None)
    means = getattr(usual, "image_mean", None)
    if not _is_count(channels) or not means or len(means) == channels:
        return {}
    return {
        name: [sum(getattr(usual, name)) / len(getattr(usual, name))] * channels
        for name in ("image_mean", "image_std")
    }
