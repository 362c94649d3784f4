"""How a map is painted: which ways a method's map has a meaning in, and what each of them needs beside the heat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..imaging import CLIP_PERCENTILE, PreparedPictures, clip_of, colours_of
from ..methods import Explanation, is_constant, known_methods, method_named, ranges
from .wire import quantised

# What a map may bring beside its heat.
PARTS = ("colour", "signed")
STYLES = ("heat", "in colour", "positive and negative", "contours")


def styles_of(method: str, dimensions: int, channels: Sequence[int] | None) -> list[str]:
    """The ways in which a method's map can be painted, the usual one first.

    Parameters
    ----------
    method
        Its name.
    dimensions
        Of the input: 2 for a picture. Signals and volumes are painted by heat alone.
    channels
        Which of the input's channels its picture shows; None where they are not known.
    """
    if dimensions != 2:
        return ["heat"]
    chosen = method_named(method)
    gradient = chosen.family in ("gradient", "path")
    offered = ["heat"]
    if gradient and channels is not None:
        # A guided gradient is a picture of what the network saw.
        offered.insert(0 if chosen.uses_relus else 1, "in colour")
    if gradient or (chosen.family == "perturbation" and chosen.is_signed):
        offered.append("positive and negative")
    return [*offered, "contours"]


def shown_channels(pictures: PreparedPictures, index: int) -> tuple[int, ...] | None:
    """The channels of a picture's input that a person sees; None where they are not known."""
    return pictures.display.channels(len(pictures.prepared(index).input))


def offered_styles(pictures: PreparedPictures, index: int) -> dict[str, list[str]]:
    """By method the ways of painting, the usual one first, for the inputs of a model."""
    channels = shown_channels(pictures, index)
    return {name: styles_of(name, pictures.dimensions, channels) for name in known_methods()}


def settled(style: str | None, offered: Sequence[str]) -> str:
    """The way asked for, where it is offered; else the usual one."""
    return style if style is not None and style in offered else offered[0]


def paintable(method: str, offered: Sequence[str], state: Mapping[str, Any]) -> list[str]:
    """Those of the ways for which a map brings what they need."""
    chosen = method_named(method)
    is_signed = "signed" in state or (chosen.family == "perturbation" and chosen.is_signed)
    has = {"in colour": "colour" in state, "positive and negative": is_signed}
    return [style for style in offered if has.get(style, True)]


@dataclass(frozen=True)
class Paint:
    """How maps are to be painted: as was asked, for inputs whose pictures show some channels."""

    style: str | None
    dimensions: int
    channels: tuple[int, ...] | None

    @classmethod
    def on(cls, pictures: PreparedPictures, index: int, style: str | None) -> Paint:
        """For the inputs of a model, of which one is at hand."""
        return cls(style, pictures.dimensions, shown_channels(pictures, index))

    def drawn(self, method: str) -> str:
        """The way in which a method's maps are painted."""
        return settled(self.style, styles_of(method, self.dimensions, self.channels))

    def drawn_of(self, method: str, state: Mapping[str, Any]) -> str:
        """The way in which one map is painted, which may lack what another way needs."""
        offered = styles_of(method, self.dimensions, self.channels)
        return settled(self.style, paintable(method, offered, state))

    def parts(self, explanation: Explanation, sample: int) -> dict[str, Any]:
        """What that needs beside the heat."""
        return parts(explanation, sample, self.drawn(explanation.method), self.channels)

    def suits(self, method: str, found: Mapping[str, Any]) -> bool:
        """Whether a map brings what it needs."""
        drawn = self.drawn(method)
        return drawn in paintable(method, [drawn], found)


def signed_maps(explanation: Explanation) -> Tensor:
    """One signed map a sample ``(B, h, w)``: of the gradient family the sum over the channels."""
    values = explanation.values.float()
    return values.sum(dim=1) if values.ndim == len(explanation.size) + 2 else values


def parts(
    explanation: Explanation, sample: int, style: str, channels: Sequence[int] | None
) -> dict[str, Any]:
    """What a way of painting needs beside the heat: of occlusion nothing, whose heat is signed already."""
    if method_named(explanation.method).family not in ("gradient", "path"):
        return {}
    if style == "in colour" and channels is not None:
        values = explanation.values[sample, list(channels)].float().cpu()
        if is_constant(explanation.maps()[sample : sample + 1]).all():
            # Noise is not stretched.
            values = torch.zeros_like(values)
        colours, clip = colours_of(values)
        kept = colours if len(channels) == 3 else colours[..., :1]
        colour = {
            "data": kept.tobytes(),
            "channels": len(channels),
            "clip": clip,
            "percentile": CLIP_PERCENTILE,
        }
        return {"colour": colour}
    if style == "positive and negative":
        maps = signed_maps(explanation)[sample : sample + 1].cpu()
        # One pixel that stands out would leave all others white.
        clip = clip_of(maps)
        flat, maps = bool(is_constant(maps).all()), maps.clamp(-clip, clip)
        low, high = (float(end) for end in ranges(maps))
        high = low if flat else high
        return {
            "signed": {
                "clip": clip,
                "data": quantised(maps[0].numpy(), low, high).tobytes(),
                "range": [low, high],
            }
        }
    return {}
