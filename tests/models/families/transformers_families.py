"""One image classifier of each family of transformers, made from a small configuration."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import nn

from .specimen import Specimen

NAMES = dict(enumerate(("ant", "bee", "cat", "dog", "elk", "fox")))

_TOKENS: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "image_size": (64, 96),
    "patch_size": 8,
}
_WINDOWS: dict[str, Any] = {
    "embed_dim": 16,
    "depths": [2, 2, 2],
    "num_heads": [2, 2, 4],
    "window_size": 4,
    "image_size": (64, 96),
}
_STAGES: dict[str, Any] = {"hidden_sizes": [16, 24, 32, 48], "depths": [1, 1, 2, 1]}
_RESIDUAL: dict[str, Any] = {"embedding_size": 16, **_STAGES}
_PYRAMID: dict[str, Any] = {
    "hidden_sizes": [16, 32, 40, 48],
    "num_attention_heads": [1, 2, 5, 6],
    "depths": [1, 1, 1, 1],
}
_TEXT: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "vocab_size": 20,
}
_TWO_TOWERS: dict[str, Any] = {"vision_config": {**_TOKENS, "image_size": 64}, "text_config": _TEXT}
_LATENTS: dict[str, Any] = {
    "num_latents": 16,
    "d_latents": 32,
    "num_blocks": 1,
    "num_self_attends_per_block": 2,
    "num_self_attention_heads": 4,
    "num_cross_attention_heads": 1,
}

# By the name that its class begins with: the configuration, and the size where it is not the usual.
_FAMILIES: dict[str, dict[str, Any]] = {
    "Beit": {**_TOKENS, "use_relative_position_bias": True},
    "Bit": {**_RESIDUAL, "hidden_sizes": [32, 64, 96, 128], "num_groups": 8},
    "CLIP": _TWO_TOWERS,
    "ConvNext": _STAGES,
    "ConvNextV2": _STAGES,
    "Cvt": {"embed_dim": [16, 32, 48], "num_heads": [1, 2, 3], "depth": [1, 2, 3]},
    "Data2VecVision": _TOKENS,
    "DeiT": _TOKENS,
    "Dinov2": {**_TOKENS, "image_size": 64},
    "Dinov2WithRegisters": {**_TOKENS, "image_size": 64},
    "DonutSwin": _WINDOWS,
    "EfficientNet": {"width_coefficient": 0.25, "depth_coefficient": 0.35, "hidden_dim": 320},
    "FocalNet": {"image_size": (64, 96), "embed_dim": 16, "depths": [1, 1, 2, 1]},
    "HGNetV2": {},
    "Hiera": {
        "image_size": [64, 64],
        "embed_dim": 16,
        "depths": [1, 1, 2, 1],
        "num_heads": [1, 2, 4, 8],
    },
    "IJepa": _TOKENS,
    "Levit": {
        "image_size": 96,
        "hidden_sizes": [32, 48, 64],
        "num_attention_heads": [2, 3, 4],
        "depths": [1, 1, 1],
        "key_dim": [8, 8, 8],
    },
    "MetaClip2": _TWO_TOWERS,
    "MobileNetV1": {"depth_multiplier": 0.25},
    "MobileNetV2": {"depth_multiplier": 0.35},
    "MobileViT": {"hidden_sizes": [24, 32, 40], "intermediate_size": 48},
    "MobileViTV2": {"width_multiplier": 0.25},
    "PoolFormer": _STAGES,
    "PPLCNet": {},
    "Pvt": {**_PYRAMID, "image_size": 64, "num_labels": len(NAMES)},
    "PvtV2": {**_PYRAMID, "image_size": 64},
    "RegNet": {**_RESIDUAL, "groups_width": 8},
    "ResNet": {**_RESIDUAL, "layer_type": "basic"},
    "Segformer": _PYRAMID,
    "Siglip": _TWO_TOWERS,
    "SwiftFormer": {"embed_dims": [16, 24, 32, 48], "depths": [1, 1, 2, 1]},
    "Swin": _WINDOWS,
    "Swinv2": _WINDOWS,
    "TextNet": {},
    "TimmWrapper": {"architecture": "resnet10t"},
    "ViT": _TOKENS,
    "ViTMSN": _TOKENS,
}
_PERCEIVERS: dict[str, dict[str, Any]] = {
    "ConvProcessing": _LATENTS,
    "Fourier": _LATENTS,
    "Learned": {**_LATENTS, "image_size": 64},
}
_SQUARE = {
    "CLIP",
    "Dinov2",
    "Dinov2WithRegisters",
    "Hiera",
    "MetaClip2",
    "Pvt",
    "Siglip",
    "Learned",
}
_SIZES = {"Levit": (96, 96)} | dict.fromkeys(_SQUARE, (64, 64))


def _built(config: str, model: str, settings: dict[str, Any]) -> nn.Module:
    import transformers

    configured = getattr(transformers, config)(**settings, id2label=NAMES)
    built: nn.Module = getattr(transformers, model)(configured)
    return built


def _specimen(family: str, kind: str, settings: dict[str, Any]) -> Specimen:
    config = "PerceiverConfig" if kind != "" else f"{family}Config"
    model = f"{family}ForImageClassification{kind}"
    size = _SIZES.get(kind or family, (64, 96))
    name = f"{family} {kind}".strip()
    return Specimen("transformers", name, model, partial(_built, config, model, settings), size)


TRANSFORMERS = (
    *(_specimen(family, "", settings) for family, settings in _FAMILIES.items()),
    *(_specimen("Perceiver", kind, settings) for kind, settings in _PERCEIVERS.items()),
)
