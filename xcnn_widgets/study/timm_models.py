"""What a model of timm says of itself in its ``pretrained_cfg``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from ..imaging import Names, Transform


def _of_timm(model: nn.Module) -> nn.Module | None:
    """The model of timm that a model is, or that transformers wraps."""
    inner = getattr(model, "timm_model", model)
    settings: Any = getattr(inner, "pretrained_cfg", None)
    return inner if isinstance(inner, nn.Module) and isinstance(settings, Mapping) else None


def names_of_timm(model: nn.Module) -> Names | None:
    """The names that came with the weights, or ImageNet's if weights and head have as many classes."""
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


def transform_of_timm(model: nn.Module, channels: int | None) -> tuple[Transform, str] | None:
    """The transform that the weights were evaluated with, and what to say of it."""
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
