"""What a model of transformers says of itself in its ``config``, and what stands beside its weights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from torch import nn

from ..imaging import Names, ProcessorTransform, Transform
from ..network import Activation

_NO_NAME = re.compile(r"LABEL_\d+")


def names_of_config(config: Any) -> Names | None:
    """The names in ``id2label``; None if they only number the classes."""
    names = getattr(config, "id2label", None)
    if not isinstance(names, Mapping) or all(_NO_NAME.fullmatch(str(n)) for n in names.values()):
        return None
    return {int(index): str(name) for index, name in names.items()}


def activation_of_config(config: Any) -> Activation | None:
    """How the scores are read, by the ``problem_type`` that the model was trained on."""
    return _PROBLEMS.get(str(getattr(config, "problem_type", None)))


_PROBLEMS: dict[str, Activation] = {
    "single_label_classification": "softmax",
    "multi_label_classification": "sigmoid",
    "regression": "none",
}


def transform_of_config(model: nn.Module) -> tuple[Transform, str] | None:
    """The image processor of a model's weights or else of its type, and what to say of it."""
    config: Any = getattr(model, "config", None)
    if not type(config).__module__.startswith("transformers."):
        return None
    place = getattr(config, "_name_or_path", "")
    processor = _processor_beside(place)
    if processor is not None:
        note = f"pictures are prepared by the image processor of {place}"
        return ProcessorTransform(processor), note
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
        offered = IMAGE_PROCESSOR_MAPPING[_whole_type(config)]
        # By backend; in transformers 4 a pair, slow and fast.
        by_backend = offered if isinstance(offered, Mapping) else {"": offered[0] or offered[1]}
        kind = by_backend.get("torchvision") or next(iter(by_backend.values()))
        usual = kind()
    except (KeyError, TypeError, ImportError):
        return None
    return kind(**_sizes(usual, config), **_means(usual, config))


def _whole_type(config: Any) -> type:
    """The type of config that image processors are listed by: of CLIP's vision half, that of CLIP."""
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    whole = str(getattr(config, "model_type", "")).removesuffix("_vision_model")
    found: type = type(config)
    if whole != config.model_type and whole in CONFIG_MAPPING:
        found = CONFIG_MAPPING[whole]
    return found


def _sizes(usual: Any, config: Any) -> dict[str, Any]:
    """The sizes of an image processor, brought to those of a model."""
    size: Any = getattr(config, "image_size", None)
    if isinstance(size, int):
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
    channels: Any = getattr(config, "num_channels", None)
    means: Any = getattr(usual, "image_mean", None)
    if not isinstance(channels, int) or not means or len(means) == channels:
        return {}
    return {
        name: [sum(getattr(usual, name)) / len(getattr(usual, name))] * channels
        for name in ("image_mean", "image_std")
    }
